import { expect, test } from 'vitest'
import { systemClock } from '../services/runtime/clock.ts'

const { now } = systemClock

test('calls come in the order of their moments, and never too early', async () => {
  const from = now()
  const calls: [string, number][] = []
  const called = (name: string, afterMs: number) =>
    new Promise<void>((resolve) => {
      systemClock.callAt(from + afterMs, () => {
        calls.push([name, now() - from - afterMs])
        resolve()
      })
    })
  await Promise.all([called('last', 12), called('first', 3), called('second', 7.5), called('past', -5)])
  expect(calls.map(([name]) => name)).toEqual(['past', 'first', 'second', 'last'])
  expect(calls.every(([, lateMs]) => lateMs >= 0)).toBe(true)
})

test.each([
  ['now', 0],
  ['later', 5],
])('what is asked for one moment, %s, is called before anything that it leads to', async (_when, afterMs) => {
  const at = Math.ceil(now()) + afterMs - (afterMs === 0 ? 1 : 0)
  const order: string[] = []
  await new Promise<void>((resolve) => {
    systemClock.callAt(at, () => {
      order.push('first')
      queueMicrotask(() => order.push('led to'))
    })
    systemClock.callAt(at, () => {
      order.push('second')
      setImmediate(resolve)
    })
  })
  expect(order).toEqual(['first', 'second', 'led to'])
})

test('what was called off is not called, not even by one that is called with it', async () => {
  const at = now() + 4
  const called: string[] = []
  await new Promise<void>((resolve) => {
    let callOff = () => {}
    systemClock.callAt(at, () => callOff())
    callOff = systemClock.callAt(at, () => called.push('called off'))
    systemClock.callAt(at, () => called.push('other'))
    systemClock.callAt(at + 1, resolve)
  })
  expect(called).toEqual(['other'])
})

test('nothing keeps the process up when all was called off', () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const offs = [50_000, 60_000, 50_000].map((ms) => systemClock.callAt(now() + ms, () => {}))
  expect(timers()).toBe(before + 1)
  for (const off of offs) off()
  expect(timers()).toBe(before)
})
