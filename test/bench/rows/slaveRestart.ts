/** A slave is killed with 200 tasks running and started again: until it is registered and has found every one. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type NatsConnection } from 'nats'
import { isOver, runScheduler } from '../../../services/scheduler/index.ts'
import { toResources } from '../../../services/scheduler/task.ts'
import { unpack } from '../../../shared/codec.ts'
import { Heard, withNats } from '../../integration/bus-world.ts'
import { Child } from '../child.ts'
import { median, medianRound, type Round, short, wallClock } from '../figures.ts'
import type { Found, Given } from '../processes/slave.ts'
import type { Bench, Row } from '../row.ts'
import { log } from '../submitter.ts'

const tasks = 200
const shape = { cpus: 0.01, mem: 4, command: ['sleep', '600'] }
const mostBeyond = 1000

export const slaveRestart = (bench: Bench): Promise<readonly Row[]> =>
  withNats(async ({ url }) => {
    const workDir = mkdtempSync(join(tmpdir(), 'proffer-bench-'))
    const resources = { ...toResources({ cpus: 4, mem: 2048 }), ports: [] }
    const given: Given = { url, workDir, resources, checkpoint: true }
    const connection = await connect({ servers: url, noAsyncTraces: true })
    const master = await Child.start('master', { url })
    try {
      return [toRow(await measure(bench, given, connection))]
    } finally {
      await master.stop()
      await connection.close()
      rmSync(workDir, { recursive: true, force: true })
    }
  })

async function measure(bench: Bench, given: Given, connection: NatsConnection): Promise<Round[]> {
  const beats = hearBeats(connection)
  let slave = await Child.start('slave', given)
  const framework = await launchAll(given.url)
  const rounds: Round[] = []
  for (let round = 0; round < bench.rounds; round++) {
    const earlier = new Set(beats.all.map(({ by }) => by))
    const from = wallClock()
    await slave.kill()
    slave = await Child.start('slave', { ...given, toFind: tasks })
    const readyAt = wallClock()
    // It beats when its registration was answered.
    const [{ at: beatAt }, { at: foundAt }] = await Promise.all([
      beats.first(({ by }) => !earlier.has(by)),
      slave.ask<Found>({}),
    ])
    const value = Math.max(beatAt, foundAt) - from
    rounds.push({ value, against: await bareStart() })
    const parts = [readyAt, beatAt, foundAt].map((at) => short(at - from))
    bench.tell(`slave killed: started ${parts[0]} ms, beats ${parts[1]}, all found ${parts[2]}`)
  }
  await framework.end()
  await slave.stop()
  return rounds
}

/** Each beat of the slave, by whichever of its processes. */
function hearBeats(connection: NatsConnection): Heard<Beat> {
  const beats = new Heard<Beat>()
  connection.subscribe('proffer.main.master.slave.*.slave.beat', {
    callback: (_error, { data }) => beats.add({ by: `${unpack(data)?.['incarnation']}`, at: wallClock() }),
  })
  return beats
}
interface Beat {
  /** The process that beats, by its incarnation. */
  readonly by: string
  readonly at: number
}

/** A framework with all of its tasks running. */
async function launchAll(url: string): Promise<{ end(): Promise<void> }> {
  let left = tasks
  const running = new Heard<string>()
  const lost: string[] = []
  const scheduler = await runScheduler({
    name: 'bench',
    connection: { server: url },
    env: { HOME: '/nowhere' },
    log,
    wants: () => left > 0,
    onOffers: ([offer]) => {
      while (left > 0 && offer?.add({ id: `t${left}`, ...shape })) left--
    },
    onStatus: (status) => {
      if (status.state === 'running') running.add(status.taskId)
      if (isOver(status)) lost.push(`${status.taskId} is ${status.state}: ${status.message}`)
    },
  })
  await running.count(tasks)
  return {
    end: () => {
      if (lost.length > 0) throw new Error(`${lost.length} tasks are over, such as ${lost[0]}`)
      return scheduler.teardown()
    },
  }
}

/** Node alone, from its start to its end. */
async function bareStart(): Promise<number> {
  const took: number[] = []
  for (let i = 0; i < 5; i++) {
    const from = performance.now()
    await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
    took.push(performance.now() - from)
  }
  return median(took)
}

function toRow(rounds: readonly Round[]): Row {
  const { value, against, ratio } = medianRound(rounds)
  return {
    name: `slave killed until its ${tasks} tasks are found again`,
    value,
    unit: 'ms',
    against,
    limit: 'the start of a bare Node',
    ratio,
    aim: '<= the start + 1 s',
    met: value <= against + mostBeyond,
  }
}
