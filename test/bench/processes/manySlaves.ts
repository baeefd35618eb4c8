/** Many slaves in one process: their own charts over the real bus, some hundred to a connection, and nothing to run on. */
import type { SlaveHost } from '../../../services/runtime/host.ts'
import { Member } from '../../../services/runtime/member.ts'
import type { Resources } from '../../../shared/resources.ts'
import { wallClock } from '../figures.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'
import { hostSlave } from './slaveHosts.ts'
import { WaitingRuns } from './waitingRuns.ts'

export interface Given extends Place {
  readonly first: number
  readonly count: number
  readonly connections: number
  readonly resources: Resources
}
/** Answered when all of them beat for a leader of a later epoch than this. */
export interface Question {
  readonly after: number
}
export interface Answer {
  /** When the last of them began to beat, ms since 1970. */
  readonly allAt: number
  /** Of this process since the last answer. */
  readonly cpuMs: number
}

const options = given<Given>()
/** By slave: the epoch that it has beaten for last. */
const beaten = new Map<string, number>()
let waiting: { readonly after: number; missing: number; readonly done: () => void } | undefined

const place = placeOf(options)
const members = await Promise.all(
  Array.from({ length: options.connections }, (_, i) =>
    Member.join({ ...place, title: `bench slaves ${options.first}.${i}` }),
  ),
)
const hosts = Array.from({ length: options.count }, (_, i) => addSlave(options.first + i))
for (const host of hosts) host.start()

let usage = process.cpuUsage()
serve(async ({ after }: Question): Promise<Answer> => {
  await allBeatAfter(after)
  const allAt = wallClock()
  const { user, system } = process.cpuUsage(usage)
  usage = process.cpuUsage()
  return { allAt, cpuMs: (user + system) / 1000 }
}, leave)

function allBeatAfter(after: number): Promise<void> {
  const missing = options.count - [...beaten.values()].filter((epoch) => epoch > after).length
  if (missing === 0) return Promise.resolve()
  return new Promise((done) => {
    waiting = { after, missing, done }
  })
}

function addSlave(number: number): SlaveHost {
  const name = `s${number}`
  const member = members[number % members.length]
  if (!member) throw new RangeError('slaves need a connection')
  return hostSlave(member, member.wire, {
    name,
    resources: options.resources,
    isolation: new WaitingRuns(),
    cluster: place.cluster,
    onBeat: (epoch) => noteBeat(name, epoch),
  })
}

/** The first beat for a leader is said when it has answered the registration. */
function noteBeat(name: string, epoch: number): void {
  const before = beaten.get(name) ?? 0
  beaten.set(name, epoch)
  if (!waiting || before > waiting.after || epoch <= waiting.after) return
  waiting.missing--
  if (waiting.missing > 0) return
  waiting.done()
  waiting = undefined
}

async function leave(): Promise<void> {
  for (const host of hosts) host.halt()
  await Promise.all(members.map(({ bus }) => bus.drain()))
}
