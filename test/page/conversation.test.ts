import { describe, expect, test } from 'vitest'
import type { ConversationPicture, MessageShown } from '../../services/visualizer/language.ts'
import { askedBy, toggled, withAll } from '../../services/visualizer/page/conversation/asked.ts'
import { legsOf } from '../../services/visualizer/page/conversation/hops.ts'
import { endsOf, lanesIn, middleOf } from '../../services/visualizer/page/conversation/lanes.ts'
import { Stretches, sequenceOf } from '../../services/visualizer/page/conversation/sequence.ts'

const lanes: ConversationPicture['lanes'] = [
  { key: 'scheduler F', role: 'scheduler', name: 'F' },
  { key: 'master m', role: 'master', name: 'm' },
]
const message = (saidAt: number, more: Partial<MessageShown> = {}): MessageShown => ({
  type: 'offer.make',
  from: 'master m',
  to: 'scheduler F',
  saidIn: saidAt,
  saidAt,
  lost: false,
  about: '',
  ...more,
})
const heard = (saidAt: number, heardAt: number) => message(saidAt, { heardIn: heardAt, heardAt })
const sequence = (...messages: MessageShown[]) => sequenceOf({ lanes, messages, more: 0 })

describe('time goes downwards:', () => {
  test('each message has a line of its own, even of the same moment', () => {
    const { messages } = sequence(heard(0, 0), heard(0, 0), heard(0, 1))
    const lines = messages.map(({ y0 }) => y0)
    expect(lines.every((y, i) => i === 0 || y - (lines[i - 1] ?? 0) >= 26)).toBe(true)
  })

  test('what took longer is slanted more', () => {
    const [fast, slow] = [sequence(heard(0, 1)), sequence(heard(0, 50))].map(({ messages: [only] }) =>
      only ? only.y1 - only.y0 : 0,
    )
    expect(slow).toBeGreaterThan(fast ?? 0)
  })

  test('nothing is heard before it was said, whatever the clocks say', () => {
    const [only] = sequence(heard(100, 40)).messages
    expect(only && only.y1 > only.y0).toBe(true)
  })

  test('a long silence is a gap that says how long it was', () => {
    const { gaps, height } = sequence(heard(0, 1), heard(3_600_001, 3_600_002))
    expect(gaps.map(({ ms }) => ms)).toEqual([3_600_000])
    expect(height).toBeLessThan(300)
  })

  test('the same said twice in one step is two messages', () => {
    const { messages } = sequence(message(0), message(0))
    expect(new Set(messages.map(({ key }) => key)).size).toBe(2)
  })
})

test('only what crosses a stretch is drawn, in the order in which it was said', () => {
  const { messages, height } = sequence(...Array.from({ length: 1000 }, (_, i) => heard(i * 10, i * 10 + 5)))
  const stretches = new Stretches(messages)
  const seen = stretches.between(4000, 4400)
  expect(seen.length).toBeLessThan(60)
  expect(seen.every(({ y0 }, i) => i === 0 || y0 >= (seen[i - 1]?.y0 ?? 0))).toBe(true)
  const expected = messages.filter(({ y0, y1 }) => y0 < 4400 && y1 > 4000)
  expect(seen).toEqual(expect.arrayContaining(expected))
  expect(stretches.between(0, height)).toHaveLength(1000)
})

describe('lanes', () => {
  test('share the frame where they are few, and scroll where they are many', () => {
    expect(lanesIn(2, 1000).inAll).toBe(1000)
    expect(lanesIn(50, 1000).inAll).toBeGreaterThan(1000)
  })

  test('a message to itself, or to somebody who is not shown, goes a short way', () => {
    const across = lanesIn(2, 1000)
    const [x0, x1] = endsOf(across, 1, 1)
    expect(x1 - x0).toBeLessThanOrEqual(60)
    expect(endsOf(across, 0, 1)).toEqual([middleOf(across, 0), middleOf(across, 1)])
    expect(endsOf(across, -1, 1)[1]).toBe(middleOf(across, 1))
  })
})

describe('the address says what is wanted:', () => {
  test('by what it is about and by type', () => {
    expect(askedBy({ task: '7-F1 t1', types: 'offer.make,task.launch' }, 10)).toEqual({
      limit: 10,
      task: '7-F1 t1',
      types: ['offer.make', 'task.launch'],
    })
    expect(askedBy({}, 10)).toEqual({ limit: 10 })
  })

  test('a type is chosen and left again, and all of a noun at once', () => {
    expect(toggled(undefined, 'offer.make')).toBe('offer.make')
    expect(toggled('offer.make,task.kill', 'offer.make')).toBe('task.kill')
    expect(toggled('offer.make', 'offer.make')).toBeUndefined()
    expect(withAll('task.kill,offer.make', ['offer.make', 'offer.rescind'])).toBe(
      'task.kill,offer.make,offer.rescind',
    )
    expect(withAll('offer.make,offer.rescind', ['offer.make', 'offer.rescind'])).toBeUndefined()
  })
})

test('the parts of a way are the whole of its time', () => {
  const hop = (at: number, tookMs: number) => ({ what: '', who: '', position: 0, at, tookMs })
  const legs = legsOf([hop(1000, 0), hop(1030, 30), hop(1100, 70)])
  expect(legs.map(({ part }) => part)).toEqual([0, 0.3, 0.7])
  expect(legs.map(({ from }) => from)).toEqual([0, 0, 0.3])
  expect(legs.at(-1)?.sinceMs).toBe(100)
  expect(legsOf([])).toEqual([])
})
