/** A cluster to be measured: a real nats-server, and a process each for the master, the slave and the limits. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Amounts, toResources } from '../../services/scheduler/task.ts'
import type { Resources } from '../../shared/resources.ts'
import { startTestNats } from '../integration/bus-world.ts'
import { Child } from './child.ts'
import type { Answer, Question } from './processes/limits.ts'

export interface WorldOptions {
  /** What the slave has, beside its ports. */
  readonly slave: Amounts
  /** False: the slave forgets all when it ends, and writes nothing down. */
  readonly checkpoint?: boolean
  /** The engine and the image that it runs containers with; processes when absent. */
  readonly docker?: Docker
}

export interface Docker {
  readonly socketPath: string
  readonly image: string
}

export interface World {
  readonly url: string
  readonly master: Child
  readonly slave: Child
  /** Rejects when one of its processes has ended by itself. */
  readonly failed: Promise<never>
  limit(question: Question): Promise<Answer>
  stop(): Promise<void>
}

/** Runs something in a cluster that lives as long as it does. */
export async function inWorld<T>(options: WorldOptions, use: (world: World) => Promise<T>): Promise<T> {
  const world = await startWorld(options)
  try {
    return await Promise.race([use(world), world.failed])
  } finally {
    await world.stop()
  }
}

async function startWorld({ slave: amounts, docker, checkpoint = true }: WorldOptions): Promise<World> {
  const nats = await startTestNats()
  const { url } = nats
  const workDir = mkdtempSync(join(tmpdir(), 'proffer-bench-'))
  const resources: Resources = { ...toResources(amounts), ports: [[31000, 32000]] }
  const children = await Promise.all([
    Child.start('echo', { url }),
    Child.start('master', { url }),
    Child.start('slave', { url, workDir, resources, docker, checkpoint }),
  ])
  const [, master, slave] = children
  const limits = await Child.start('limits', { url, docker })
  return {
    url,
    master,
    slave,
    failed: Promise.race([...children, limits].map(({ failed }) => failed)),
    limit: (question) => limits.ask(question),
    async stop() {
      for (const child of [slave, master, limits, children[0]]) await child.stop()
      await nats.stop()
      rmSync(workDir, { recursive: true, force: true })
    },
  }
}
