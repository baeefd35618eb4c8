/** The cluster of a run: compiled into a folder of its own, so that its processes start fast and nobody's edit meets them. */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { install } from '../install.ts'
import { type BusPlan, planBus } from './bus.ts'
import { runMark } from './marks.ts'
import { Part, type PartPlan, type Surprise } from './part.ts'
import { settingsEnv } from './settings.ts'

export const masters = 3
export const slaves = 5
export const schedulers = ['A', 'B1', 'B2'] as const

export interface World {
  readonly id: string
  readonly folder: string
  readonly bus: BusPlan
  readonly parts: readonly Part[]
  readonly surprises: Surprise[]
  /** The `proffer` command, and the environment in which it finds the cluster. */
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  readonly runFile: string
  readonly executorFile: string
}

export async function makeWorld(id: string): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-chaos-'))
  for (const name of ['logs', 'effects', 'work']) mkdirSync(join(folder, name), { recursive: true })
  const program = install(join(folder, 'program'))
  const plain = { PATH: process.env['PATH'] ?? '', HOME: folder, XDG_CONFIG_HOME: '/nowhere', [runMark]: id }
  const bus = await planBus(folder, plain)
  const env = { ...plain, NATS_URL: bus.server, ...settingsEnv() }
  const compiled = join(folder, 'program/dist/test/chaos')
  const runFile = join(folder, 'run.json')
  const surprises: Surprise[] = []
  const place = { folder, program, env, runFile, framework: join(compiled, 'framework.js') }
  const plans = [...bus.parts, ...mastersOf(place, bus), ...slavesOf(place), ...schedulersOf(place)]
  const parts = plans.map((plan) => new Part(plan, folder, surprises, endsByItself(plan)))
  const executorFile = join(compiled, 'executor.js')
  return { id, folder, bus, parts, surprises, program, env, runFile, executorFile }
}

interface Place {
  readonly folder: string
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  readonly runFile: string
  readonly framework: string
}

const node = process.execPath
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

const mastersOf = ({ program, env }: Place, { replicas }: BusPlan): PartPlan[] =>
  numbers(masters).map((index) => ({
    kind: 'master',
    name: `m${index}`,
    command: node,
    words: [program, 'master', '--name', `m${index}`, '--replicas', String(replicas)],
    env,
  }))

const slavesOf = ({ folder, program, env }: Place): PartPlan[] =>
  numbers(slaves).map((index) => {
    const place = ['--isolation', 'process', '--work-dir', join(folder, 'work')]
    const words = [program, 'slave', '--name', `s${index}`, '--resources', 'cpus:3;mem:1024', ...place]
    return { kind: 'slave', name: `s${index}`, command: node, words, env }
  })

const schedulersOf = ({ env, runFile, framework }: Place): PartPlan[] =>
  schedulers.map((name) => ({
    kind: 'scheduler',
    name,
    command: node,
    words: [framework, name.charAt(0), runFile],
    env,
  }))

/** A scheduler that another has taken over from ends, and so does one that cannot remember: both are started again. */
const endsByItself =
  ({ kind }: PartPlan) =>
  (code: number | null): boolean =>
    kind === 'scheduler' && code === 0
