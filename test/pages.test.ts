/** Lists that are told page by page while what they tell of changes, and what reading them costs the leader. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TaskRow } from '../shared/messages.ts'
import { page } from '../statecharts/master/pages.ts'
import { Roll } from '../statecharts/roll.ts'
import { amount, Leader } from './leader/leader.ts'

describe('a roll', () => {
  const change = fc.record({
    remove: fc.array(fc.nat(60), { maxLength: 40 }),
    add: fc.array(fc.nat(60), { maxLength: 40 }),
    read: fc.integer({ min: 1, max: 9 }),
  })

  test('read a piece at a time tells whatever stays once, and nothing that has left before', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const roll = new Roll<number, { of: number }>()
        for (let key = 0; key < 40; key++) roll.set(key, { of: key })
        const stays = new Set(roll.values())
        const told: { of: number }[] = []
        let last = 0
        const read = (most: number) => {
          let looks = 0
          for (const { place, thing } of roll.behind(last)) {
            if (looks++ === most) break
            last = place
            if (!thing) continue
            expect(roll.get(thing.of)).toBe(thing)
            told.push(thing)
          }
        }
        for (const { remove, add, read: most } of changes) {
          for (const key of remove) {
            const thing = roll.get(key)
            if (thing) stays.delete(thing)
            roll.delete(key)
          }
          for (const key of add) {
            const thing = roll.get(key)
            if (thing) stays.delete(thing)
            roll.set(key, { of: key })
          }
          read(most)
        }
        read(Number.POSITIVE_INFINITY)
        expect(new Set(told).size).toBe(told.length)
        expect([...stays].filter((thing) => !told.includes(thing))).toEqual([])
      }),
    )
  })
})

/** A leader with two slaves, of which one task after another can be launched. */
function leaderWith(settings: Record<string, number> = {}) {
  const leader = new Leader(settings)
  for (const name of ['s1', 's2']) leader.addSlave(name, amount(1000, 1000))
  for (const name of ['a', 'b']) leader.addFramework(name)
  leader.pass(1)
  return leader
}

function launch(leader: Leader, name: string): string {
  leader.pass(1)
  const offer = leader.standing.find((each) => each.name === name)
  if (!offer) throw new Error(`${name} has no offer`)
  return `${name} ${leader.launch(offer, amount(1, 1))}`
}

interface TasksPage {
  readonly ok: boolean
  readonly tasks: TaskRow[]
  readonly next?: string
}
const pageOf = (leader: Leader, after: string | undefined, limit: number, more: object = {}): TasksPage => {
  leader.pass(1)
  return leader.ask('tasks.list', 'operator', 'ada', {
    ...more,
    limit,
    ...(after !== undefined && { after }),
  }) as TasksPage
}
const namesIn = ({ tasks }: TasksPage) =>
  tasks.map(({ frameworkName, taskId }) => `${frameworkName} ${taskId}`)

describe('the tasks of a leader', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('launch' as const), name: fc.constantFrom('a', 'b') }),
    fc.record({ do: fc.constant('end' as const), which: fc.nat() }),
    fc.record({ do: fc.constant('read' as const), limit: fc.integer({ min: 1, max: 5 }) }),
  )

  test.each([
    ['that are not over', false],
    ['of which some are over', true],
  ])('%s are told once each, whatever comes and goes meanwhile', (_what, over) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
        const leader = leaderWith()
        const running = ['a', 'b', 'a', 'b', 'a'].map((name) => launch(leader, name))
        const stays = new Set(running)
        const told: string[] = []
        let next: string | undefined
        let isMore = true
        const read = (limit: number) => {
          if (!isMore) return
          const answer = pageOf(leader, next, limit, { over })
          expect(answer.ok).toBe(true)
          told.push(...namesIn(answer))
          next = answer.next
          isMore = next !== undefined
        }
        for (const each of steps) {
          if (each.do === 'launch') running.push(launch(leader, each.name))
          if (each.do === 'end' && running.length > 0) {
            const [ended = ''] = running.splice(each.which % running.length, 1)
            const [name = '', taskId = ''] = ended.split(' ')
            leader.end(name, taskId)
            if (!over) stays.delete(ended)
          }
          if (each.do === 'read') read(each.limit)
        }
        while (isMore) read(3)
        expect([...stays].filter((name) => !told.includes(name))).toEqual([])
        expect(new Set(told).size).toBe(told.length)
      }),
      { numRuns: 60 },
    )
  })

  test('of one framework, and of one id, with and without those that are over', () => {
    const leader = leaderWith()
    const [first, second, third] = ['a', 'b', 'a'].map((name) => launch(leader, name))
    const { frameworkId } = leader.frameworkNamed('a')
    leader.end('a', 't1')
    expect(namesIn(pageOf(leader, undefined, 9, { frameworkId }))).toEqual([third])
    expect(namesIn(pageOf(leader, undefined, 9, { frameworkId, over: true }))).toEqual([first, third])
    expect(namesIn(pageOf(leader, undefined, 9, { taskId: 't2' }))).toEqual([second])
    expect(namesIn(pageOf(leader, undefined, 9, { frameworkId: '9-F9' }))).toEqual([])
  })

  test('a task whose id is used again is told as it is now, and what is not remembered is not told', () => {
    const leader = leaderWith({ keepOverTasks: 1 })
    for (let count = 0; count < 4; count++) launch(leader, 'a')
    for (const id of ['t1', 't2', 't3']) leader.end('a', id)
    expect(namesIn(pageOf(leader, undefined, 9, { over: true }))).toEqual(['a t3', 'a t4'])
    const offer = leader.standing.find(({ name }) => name === 'a')
    if (offer) leader.launch(offer, amount(1, 1), { taskId: 't3' as TaskRow['taskId'] })
    const { tasks } = pageOf(leader, undefined, 9, { over: true })
    expect(tasks.map(({ taskId, state }) => [taskId, state])).toEqual([
      ['t4', 'running'],
      ['t3', 'staging'],
    ])
  })

  test.each(['t1', '0:3', '2:1', '1:', ':', '1:x'])(
    'a page behind %s was never told by this leader',
    (after) => {
      const leader = leaderWith()
      launch(leader, 'a')
      expect(pageOf(leader, after, 9)).toMatchObject({ ok: false, code: 'page-unknown' })
    },
  )
})

describe('what a page costs:', () => {
  class Counted extends Roll<number, { of: number }> {
    looks = 0
    override *behind(place: number) {
      for (const entry of super.behind(place)) {
        this.looks++
        yield entry
      }
    }
  }
  const rollOf = (size: number) => {
    const roll = new Counted()
    for (let key = 0; key < size; key++) roll.set(key, { of: key })
    return roll
  }
  const { master } = leaderWith()
  const read = (
    roll: Counted,
    after: number,
    limit?: number,
    isAsked?: (thing: { of: number }) => boolean,
  ) => {
    roll.looks = 0
    return page(master, roll, ({ of }) => of, { after: `1:${after}`, ...(limit && { limit }) }, isAsked)
  }

  test('as many looks as it holds rows, and one to see whether there are more', () => {
    const roll = rollOf(100_000)
    expect(read(roll, 50_000, 10)?.rows).toEqual([
      50_000, 50_001, 50_002, 50_003, 50_004, 50_005, 50_006, 50_007, 50_008, 50_009,
    ])
    expect(roll.looks).toBe(11)
    expect(read(roll, 99_995, 10)?.next).toEqual({})
    expect(roll.looks).toBe(5)
  })

  test('a limit that is absent, or larger than a page may be, is that of a page', () => {
    const roll = rollOf(2000)
    expect(read(roll, 0)?.rows).toHaveLength(500)
    expect(read(roll, 0, 1000)?.rows).toHaveLength(500)
  })

  test('where little is what was asked for, it ends after so many looks, and the next goes on behind', () => {
    const roll = rollOf(25_000)
    const isLast = ({ of }: { of: number }) => of === 24_999
    expect(read(roll, 0, 10, isLast)).toMatchObject({ rows: [], next: { next: '1:10000' } })
    expect(roll.looks).toBe(10_001)
    expect(read(roll, 20_000, 10, isLast)).toMatchObject({ rows: [24_999], next: {} })
  })

  test('what has left is no more to walk past than what is there', () => {
    const roll = rollOf(10_000)
    for (let key = 0; key < 9990; key++) roll.delete(key)
    expect(read(roll, 0, 5)?.rows).toEqual([9990, 9991, 9992, 9993, 9994])
    expect(roll.looks).toBeLessThan(100)
  })

  test('rows that are long make a page short', () => {
    const roll = rollOf(100)
    const told = page(master, roll, () => 'x'.repeat(100_000), {})
    expect(told?.rows).toHaveLength(5)
    expect(page(master, roll, () => 'x'.repeat(1_000_000), {})?.rows).toHaveLength(1)
  })
})

describe('who reads', () => {
  const ask = (leader: Leader) => leader.ask('slaves.list', 'operator', 'ada', {})

  test('is told one page a turn, and what is no list at once', () => {
    const leader = leaderWith()
    expect(ask(leader)).toMatchObject({ ok: true })
    expect(ask(leader)).toBeUndefined()
    expect(leader.ask('cluster.get', 'operator', 'bob', {})).toMatchObject({ ok: true })
    expect(leader.master.readers.waiting).toHaveLength(1)
    leader.pass(0)
    expect(leader.master.readers.waiting).toHaveLength(0)
    expect(ask(leader)).toMatchObject({ ok: true })
  })

  test('is told no more than so many rows a second, beside what was saved up', () => {
    const leader = leaderWith({ readRowsPerSecond: 1000, readSavedSeconds: 2 })
    const answered = (seconds: number) => {
      let answers = 0
      for (const until = leader.at + seconds * 1000; leader.at < until; leader.pass(0.001)) {
        const { waiting } = leader.master.readers
        if (waiting.length > 0) continue
        ask(leader)
        answers++
      }
      return answers
    }
    const costs = 20 + 2 + 2 / 20
    answered(20)
    expect(answered(10) * costs).toBeGreaterThan(9500)
    expect(answered(10) * costs).toBeLessThan(10_500)
    leader.pass(60)
    expect(answered(10) * costs).toBeLessThan(12_500)
    leader.pass(60)
    expect(answered(10) * costs).toBeGreaterThan(11_500)
  })

  test('is refused where too many wait already', () => {
    const leader = leaderWith({ maxReaders: 2 })
    for (let count = 0; count < 3; count++) ask(leader)
    expect(ask(leader)).toMatchObject({ ok: false, code: 'too-many-readers' })
    leader.pass(0)
    expect(ask(leader)).toMatchObject({ ok: true })
  })
})
