/** Real processes killed with SIGKILL, and operators who empty and give up machines: what the simulator proves, once for real. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Operator } from '../../services/operator/client.ts'
import type { SlaveRow, TaskRow } from '../../shared/messages.ts'
import { none } from '../../shared/resources.ts'
import { connectionTo } from './bus-world.ts'
import { type Command, Shell } from './cli-world.ts'

let shell: Shell
const masters = new Map<string, Command>()
let slave: Command
/** What it runs goes on without it. */
const startSlave = (...more: string[]) =>
  shell.begin(
    ...['slave', '--name', 's1', '--isolation', 'process', '--work-dir', join(shell.folder, 'recovered')],
    ...(more.includes('--resources') ? [] : ['--resources', 'cpus:4;mem:2048']),
    ...more,
  )
const state = () => shell.read<{ leader: string; epoch: number }>('state')
const slaves = () => shell.read<SlaveRow[]>('slaves')
const tasks = () => shell.read<TaskRow[]>('ps')

beforeAll(async () => {
  shell = await Shell.open()
  for (const name of ['m1', 'm2']) masters.set(name, shell.master(name))
  slave = startSlave()
  await slave.says(/is \d+-S1/, 'stderr')
})
afterAll(() => shell.close())

describe('a slave that is killed', () => {
  test('finds its tasks again: one that went on, and one that ended meanwhile with its own code', async () => {
    const long = shell.begin('run', '--name', 'long', '--', 'sh', '-c', `${shell.untilLetGo('go')}; exit 3`)
    const short = shell.begin(
      'run',
      '--name',
      'short',
      '--',
      'sh',
      '-c',
      `${shell.untilLetGo('end')}; exit 5`,
    )
    await Promise.all([long.says('up'), short.says('up')])
    const [before] = await slaves()

    await slave.stop('SIGKILL')
    shell.letGo('end')
    slave = startSlave()
    expect((await short.finished).code).toBe(5)
    shell.letGo('go')
    expect((await long.finished).code).toBe(3)
    expect(await slaves()).toMatchObject([{ slaveId: before?.slaveId, state: 'active', tasks: 0 }])
  })

  test('is not started twice, nor by a copy of its folder, nor with less than it runs', async () => {
    const run = shell.begin(
      'run',
      '--name',
      'holds',
      '--cpus',
      '3',
      '--',
      'sh',
      '-c',
      shell.untilLetGo('holds'),
    )
    await run.says('up')
    expect((await startSlave().finished).stderr).toMatch(/Another slave of this name runs here \(pid \d+\)/)

    await slave.stop('SIGKILL')
    cpSync(join(shell.folder, 'recovered'), join(shell.folder, 'copied'), {
      recursive: true,
      filter: (path) => !path.includes('.lock-'),
    })
    const copied = await startSlave('--work-dir', join(shell.folder, 'copied')).finished
    expect([copied.code, copied.stderr]).toEqual([1, expect.stringContaining('was written in')])
    const small = await startSlave('--resources', 'cpus:1;mem:2048').finished
    expect([small.code, small.stderr]).toEqual([
      1,
      expect.stringMatching(/still runs what holds cpus:\d.*--fresh/s),
    ])

    slave = startSlave('--fresh')
    await slave.says(/it was slave .* begins as another one/, 'stderr')
    // What was lost with it is run again there.
    await vi.waitUntil(() => run.stdout.split('up').length === 3, 20_000)
    shell.letGo('holds')
    expect((await run.finished).code).toBe(0)
  })
})

test('what is reserved on a slave, and its volumes, survive all of its lives, and are never taken for nothing', async () => {
  const folder = join(shell.folder, 'recovered', 's1')
  const holdings = join(folder, 'holdings')
  await slave.stop('SIGKILL')
  slave = startSlave('--reserved', 'ads=cpus:1', '--resources', 'cpus:4;mem:2048;disk:1000')
  await slave.says(/is \d+-S\d+/, 'stderr')
  const disk = { ...none, diskMb: 300 }
  await vi.waitFor(() => reserve({ reserve: disk, createVolumes: [{ volumeId: 'db', diskMb: 300 }] }), 20_000)
  const held = {
    reserved: [
      { role: 'ads', resources: { cpuMilli: 1000 } },
      { role: 'eng/web', resources: { diskMb: 300 } },
    ],
    volumes: [{ volumeId: 'db', role: 'eng/web', diskMb: 300 }],
  }
  expect(await slaves()).toMatchObject([held])

  await slave.stop('SIGKILL')
  const whole = readFileSync(holdings)
  writeFileSync(holdings, whole.subarray(0, -5))
  for (const flag of ['--kill-on-stop', '--fresh']) {
    const damaged = await startSlave(flag, '--resources', 'cpus:4;mem:2048;disk:1000').finished
    expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringContaining('put back a copy of it')])
  }
  writeFileSync(holdings, whole)
  const small = await startSlave('--resources', 'cpus:4;mem:2048;disk:100').finished
  expect([small.code, small.stderr]).toEqual([1, expect.stringContaining('is reserved for roles')])

  slave = startSlave('--fresh', '--reserved', 'ads=cpus:1', '--resources', 'cpus:4;mem:2048;disk:1000')
  await slave.says(/is \d+-S\d+/, 'stderr')
  await vi.waitFor(async () => expect(await slaves()).toMatchObject([held]), 20_000)
  await reserve({ unreserve: disk, destroyVolumes: ['db'] })
  await slave.stop('SIGKILL')
  slave = startSlave('--fresh')
  await slave.says(/is \d+-S\d+/, 'stderr')
})

async function reserve(what: object): Promise<void> {
  const connection = connectionTo(shell.nats.url)
  const operator = await Operator.connect({ connection, cluster: 'main', user: 'op', timeoutMs: 5000 })
  await operator
    .ask('slave.reserve', { slave: 's1', role: 'eng/web', ...what })
    .finally(() => operator.close())
}

test('a leader that is killed is succeeded long before its lease lapses, and its tasks go on', async () => {
  const run = shell.begin('run', '--name', 'goes-on', '--', 'sh', '-c', shell.untilLetGo('goes-on'))
  await run.says('up')
  const { leader, epoch } = await state()
  await masters.get(leader)?.stop('SIGKILL')
  masters.set(leader, shell.master(leader))
  await vi.waitUntil(async () => (await state().catch(() => undefined))?.epoch !== epoch, 10_000)
  const next = await state()
  expect(next.epoch).toBeGreaterThan(epoch)
  expect(next.leader).not.toBe(leader)
  await vi.waitUntil(async () => (await tasks()).some(({ state }) => state === 'running'), 20_000)
  shell.letGo('goes-on')
  expect((await run.finished).code).toBe(0)
})

describe('an operator', () => {
  test('empties a slave: what is left is killed, and it is offered again', async () => {
    const run = shell.begin('run', '--name', 'drained', '--', 'sh', '-c', shell.untilLetGo('drained'))
    await run.says('up')
    const { stdout } = await shell.run('drain', 's1', '--within', '0', '--grace', '0')
    expect(stdout).toMatch(/slave s1 \(.*\) is draining: 1 task;/)
    await vi.waitUntil(async () => (await slaves())[0]?.state === 'drained', 20_000)
    expect((await shell.run('reactivate', 's1')).stdout).toContain('is offered again')
    // It was no failure of the task: it is launched again where it may be.
    await run.says(/up\n(?:.*\n)*?.*up\n/)
    shell.letGo('drained')
    expect((await run.finished).code).toBe(0)
  })

  test('gives one up: it ends what it runs, and comes back as another', async () => {
    const [before] = await slaves()
    expect((await shell.run('gone', 's1')).stdout).toContain('is gone')
    expect((await slave.finished).stderr).toContain('an operator declared it gone')
    slave = startSlave()
    await slave.says(/is \d+-S\d+/, 'stderr')
    const [after] = await slaves()
    expect(after?.slaveId).not.toBe(before?.slaveId)
  })

  test('hears what he got wrong', async () => {
    expect((await shell.run('drain', 'nobody')).stderr).toContain('slave nobody')
    expect((await shell.run('gone', 'nobody')).stderr).toContain('slave nobody')
    expect((await shell.run('drain', 's1', '--within', '-1')).code).toBe(2)
  })
})
