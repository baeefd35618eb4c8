/** A cluster in which very many tasks run and run, with one slave more where others come and go. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toResources } from '../../services/scheduler/task.ts'
import type { Resources } from '../../shared/resources.ts'
import { startTestNats } from '../integration/bus-world.ts'
import { Child } from './child.ts'
import { noop } from './noop.ts'

export interface StandingOptions {
  readonly slaves: number
  readonly frameworks: number
  /** In all: the same on each slave, and of each framework. */
  readonly tasks: number
  /** How many tasks have room at a time on the slave where tasks come and go. */
  readonly inFlight: number
}

export interface Standing {
  readonly url: string
  /** Rejects when one of its processes has ended by itself. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

/** What each of those tasks holds, as their frameworks ask for it. */
const each = { cpus: 1, mem: 64 }
const ports: Resources['ports'] = [[31000, 32000]]
const connections = 2
/** That slave is called s1, and none of the others is. */
const first = 1000

/** Runs something in such a cluster, once all of those tasks run. */
export async function inStanding<T>(options: StandingOptions, use: (world: Standing) => Promise<T>) {
  const world = await start(options)
  try {
    return await Promise.race([use(world), world.failed])
  } finally {
    await world.stop()
  }
}

async function start({ slaves, frameworks, tasks, inFlight }: StandingOptions): Promise<Standing> {
  const nats = await startTestNats()
  const { url } = nats
  const master = await Child.start('master', { url })
  const perSlave = tasks / slaves
  const has = toResources({ cpus: perSlave * each.cpus, mem: perSlave * each.mem })
  const emulated = { url, first, count: slaves, connections, resources: { ...has, ports } }
  const many = await Child.start('manySlaves', emulated)
  await many.ask({ after: 0 })
  const perFramework = { count: frameworks, tasks: tasks / frameworks, perOffer: perSlave, sated: true }
  const full = await Child.start('manyFrameworks', { url, ...perFramework })
  await full.ask({ do: 'launch' })
  const workDir = mkdtempSync(join(tmpdir(), 'proffer-bench-'))
  const resources = { ...toResources(noop.roomFor(inFlight)), ports }
  const slave = await Child.start('slave', { url, workDir, resources, checkpoint: true })
  return {
    url,
    failed: Promise.race([slave, full, many, master].map(({ failed }) => failed)),
    async stop() {
      for (const child of [slave, full, many, master]) await child.stop()
      await nats.stop()
      rmSync(workDir, { recursive: true, force: true })
    },
  }
}
