/** The first rows in some order, as whoever looks every second asks for them: `proffer top`. */
import { beforeAll, describe, expect, test } from 'vitest'
import { amount, Leader } from './leader/leader.ts'

const leader = new Leader()
const taskIds: string[] = []
beforeAll(() => {
  // Each slave is a little larger than the one before; the first frameworks hold the most.
  for (let i = 1; i <= 9; i++) leader.addSlave(`s${i}`, amount(i, 1024 * i))
  for (const name of ['a', 'b', 'c']) leader.addFramework(name)
  leader.pass(1)
  for (const [i, cpus] of [0.5, 3, 1, 2, 0.25].entries()) {
    leader.pass(1)
    const offer = leader.standing.find((each) => each.resources.cpuMilli >= cpus * 1000)
    if (offer) taskIds.push(leader.launch(offer, amount(cpus, 64 * (i + 1))))
  }
  leader.pass(1)
})

/** One reader is answered a turn: time passes until the next. */
function ask<T extends 'slaves.list' | 'frameworks.list' | 'tasks.list'>(type: T, body: object) {
  leader.pass(1)
  return leader.demand(type, 'operator', 'o', body as never)
}
const falls = (numbers: readonly number[]) => numbers.every((each, i) => each <= (numbers[i - 1] ?? each))

describe('slaves', () => {
  test('the fullest first, by that of which least is left', () => {
    const { slaves, next } = ask('slaves.list', { order: 'fullest', limit: 4 })
    expect(slaves).toHaveLength(4)
    expect(next).toBeUndefined()
    const parts = slaves.map(({ booked, total }) =>
      Math.max(booked.cpuMilli / total.cpuMilli, booked.memMb / total.memMb),
    )
    expect(parts[0]).toBeGreaterThan(0)
    expect(falls(parts)).toBe(true)
    const all = ask('slaves.list', { order: 'fullest' }).slaves
    expect(all).toHaveLength(9)
    expect(
      all
        .slice(0, 4)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(slaves.map(({ name }) => name).sort())
  })

  test('by their tasks', () => {
    const counts = ask('slaves.list', { order: 'tasks' }).slaves.map(({ tasks }) => tasks)
    expect(falls(counts)).toBe(true)
    expect(counts.reduce((sum, count) => sum + count)).toBe(taskIds.length)
  })
})

test('frameworks by their share, their tasks, their offers', () => {
  const by = (order: string) => ask('frameworks.list', { order }).frameworks
  expect(falls(by('share').map(({ share }) => share))).toBe(true)
  expect(falls(by('tasks').map(({ tasks }) => tasks))).toBe(true)
  expect(falls(by('offers').map(({ offers }) => offers))).toBe(true)
  expect(by('share')).toHaveLength(3)
})

describe('tasks', () => {
  const ids = (body: object) => ask('tasks.list', body).tasks.map(({ taskId }) => taskId)

  test('the newest, the oldest, the largest', () => {
    expect(ids({ order: 'newest' })).toEqual([...taskIds].reverse())
    expect(ids({ order: 'newest', limit: 2 })).toEqual([...taskIds].reverse().slice(0, 2))
    expect(ids({ order: 'oldest', limit: 2 })).toEqual(taskIds.slice(0, 2))
    const [largest] = ask('tasks.list', { order: 'largest', limit: 1 }).tasks
    expect(largest?.resources.cpuMilli).toBe(3000)
  })

  test('of one framework', () => {
    const { frameworkId } = leader.frameworkNamed('a')
    const tasks = ask('tasks.list', { order: 'newest', frameworkId }).tasks
    expect(tasks.every((task) => task.frameworkId === frameworkId)).toBe(true)
    expect(ids({ order: 'newest', taskId: taskIds[1] })).toEqual([taskIds[1]])
  })
})

test('an order that there is not is refused at the door', async () => {
  const { decode, encode } = await import('../shared/codec.ts')
  const bytes = new Uint8Array(encode({ order: 'tallest' }))
  expect(decode('slaves.list', bytes)).toMatchObject({ ok: false, code: 'bad-message' })
})
