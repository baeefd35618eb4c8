import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap } from '../statecharts/heap.ts'

const times = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 })

test('what comes out is what went in, the earliest first', () => {
  fc.assert(
    fc.property(times, (given) => {
      const heap = filled(given)
      expect(popAll(heap, 50)).toEqual(given.toSorted((a, b) => a - b))
      expect(heap.size).toBe(0)
    }),
  )
})

test('only what is due comes out; the next one can be seen', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 50 }), (given, now) => {
      const heap = filled(given)
      expect(popAll(heap, now)).toHaveLength(given.filter((at) => at <= now).length)
      expect(heap.peek()?.at ?? 51).toBeGreaterThan(now)
    }),
  )
})

test('pushing and popping in any order is like sorting a list each time', () => {
  const commands = fc.array(fc.option(fc.integer({ min: 0, max: 50 })), { maxLength: 200 })
  fc.assert(
    fc.property(commands, (given) => {
      const heap = filled([])
      const list: number[] = []
      for (const at of given) {
        if (at !== null) heap.push({ at })
        if (at !== null) list.push(at)
        else expect(heap.popDue(50)?.at).toBe(list.sort((a, b) => a - b).shift())
        expect(heap.size).toBe(list.length)
      }
    }),
  )
})

test('what is not kept does not come out', () => {
  fc.assert(
    fc.property(times, (given) => {
      const heap = filled(given)
      heap.keep(({ at }) => at % 3 !== 0)
      const kept = given.filter((at) => at % 3 !== 0).sort((a, b) => a - b)
      expect(popAll(heap, 50)).toEqual(kept)
    }),
  )
})

function filled(times: readonly number[]): Heap<{ at: number }> {
  const heap = new Heap<{ at: number }>()
  for (const at of times) heap.push({ at })
  return heap
}

function popAll(heap: Heap<{ at: number }>, now: number): number[] {
  const out: number[] = []
  for (let item = heap.popDue(now); item; item = heap.popDue(now)) out.push(item.at)
  return out
}
