/** Very many slaves in one process, some thousand to a connection, whose tasks only wait. They come a few at a time. */
import type { SlaveHost } from '../../../services/runtime/host.ts'
import { Member } from '../../../services/runtime/member.ts'
import type { Resources } from '../../../shared/resources.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'
import { hostSlave, sharedWire } from './slaveHosts.ts'
import { TimedRuns } from './timedRuns.ts'

export interface Given extends Place {
  readonly first: number
  readonly count: number
  readonly connections: number
  readonly resources: Resources
}
/** So many more are started; answered when all of them beat. */
export interface Question {
  readonly start: number
}

/** What is over is forgotten soon: hours of it would be in memory else, of each slave. */
const settings = { sandboxKeepSeconds: 5 }
const executorSettings = { rememberedOver: 100 }

const options = given<Given>()
const place = placeOf(options)
const members = await Promise.all(
  Array.from({ length: options.connections }, (_, i) =>
    Member.join({ ...place, title: `bench emulated slaves ${options.first}.${i}` }),
  ),
)
const wires = members.map(({ wire }) => sharedWire(wire))
const hosts: SlaveHost[] = []

serve(({ start }: Question): Promise<'ready'> => {
  const beating = Array.from({ length: start }, startSlave)
  return Promise.all(beating).then(() => 'ready')
}, leave)

function startSlave(): Promise<void> {
  const number = options.first + hosts.length
  const [member, wire] = [members[number % members.length], wires[number % wires.length]]
  if (!member || !wire) throw new RangeError('slaves need a connection')
  return new Promise((beats) => {
    const host = hostSlave(member, wire, {
      name: `s${number}`,
      resources: options.resources,
      isolation: new TimedRuns(member.clock),
      cluster: place.cluster,
      settings,
      executorSettings,
      onBeat: () => beats(),
    })
    hosts.push(host)
    host.start()
  })
}

async function leave(): Promise<void> {
  for (const host of hosts) host.halt()
  await Promise.all(members.map(({ bus }) => bus.drain()))
}
