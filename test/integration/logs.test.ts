/** A line of the log leads to the step of the trace that caused it, and is found by what it is about. */
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Operator } from '../../services/operator/client.ts'
import type { Step } from '../../shared/trace.ts'
import { connectionTo, Heard } from './bus-world.ts'
import { startTestCluster, type TestCluster } from './cluster-world.ts'

interface Line {
  readonly level: number
  readonly msg: string
  readonly role?: string
  readonly id?: string
  readonly step?: number
  readonly heard?: string
  readonly slaveId?: string
  readonly frameworkId?: string
  readonly taskId?: string
}
const debug = 20

const lines = new Heard<Line>()
const steps = new Heard<Step>()
let cluster: TestCluster
let operator: Operator
beforeAll(async () => {
  const log = pino({ level: 'debug', base: null }, { write: (line) => lines.add(JSON.parse(line)) })
  cluster = await startTestCluster({ log })
  await cluster.addMaster('M0')
  const connection = connectionTo(cluster.url)
  operator = await Operator.connect({ connection, cluster: 'main', user: 'test', timeoutMs: 20_000 })
  await cluster.addSlave('S0')
  await word('slave', 'slave S0 is ')
  // Both are there to hear that somebody watches.
  operator.watch((step) => steps.add(step))
  await operator.bus.flush()
})
afterAll(async () => {
  await operator.close()
  await cluster.stop()
})

const word = (role: string, words: string) =>
  lines.first(({ level, role: of, msg }) => level > debug && of === role && msg.includes(words))
const stepOf = ({ role, id, step }: Line) =>
  steps.first((each) => each.role === role && each.id === id && each.n === step)

test('a slave that is admitted says so, and in which step it was', async () => {
  const line = await word('slave', 'slave S0 is ')
  const about = { id: 'S0', heard: 'answer.slave.register', slaveId: expect.stringMatching(/S1$/) }
  expect(line).toMatchObject(about)
  const step = lines.all.find(
    (each) => each.level === debug && each.role === 'slave' && each.step === line.step,
  )
  expect(step).toMatchObject(about)
})

test('what an operator asks for is logged under his question', async () => {
  await operator.ask('slave.drain', { slave: 'S0', withinSeconds: 60 })
  const line = await word('master', 'is to be empty')
  const { slaveId } = await word('slave', 'slave S0 is ')
  expect(line).toMatchObject({ id: 'M0', heard: 'slave.drain', slaveId })
  const { heard, effects } = await stepOf(line)
  expect(heard).toMatchObject({ type: 'slave.drain', from: { id: 'test' } })
  expect(effects).toContainEqual(expect.objectContaining({ do: 'note', message: line.msg, slaveId }))
  await operator.ask('slave.reactivate', { slave: 'S0' })
})

test('at the level debug each step is a line, by the count that the trace gives it', async () => {
  const { end } = await cluster.run('logged', [{ id: 't', cpus: 0.1, mem: 32, command: ['true'] }])
  const { frameworkId, slaveId } = await end('t')
  for (const [role, heard] of [
    ['master', 'offer.accept'],
    ['slave', 'task.launch'],
    ['executor', 'task.launch'],
  ]) {
    const line = await lines.first(
      (each) => each.level === debug && each.role === role && each.heard === heard,
    )
    expect(line).toMatchObject({ frameworkId, taskId: 't' })
    expect((await stepOf(line)).heard.type).toBe(heard)
  }
  const told = await lines.first(({ role, heard }) => role === 'master' && heard === 'status.update')
  expect(told).toMatchObject({ frameworkId, taskId: 't', slaveId })
})
