/** JetStream, and whether a compare-and-set in a bucket of its own really is one: tried, on a bucket that is removed. */
import { randomBytes } from 'node:crypto'
import { BusError } from '../../runtime/busError.ts'
import type { Bucket, Bus, Written } from '../../runtime/ports.ts'
import { type Finding, fail, ok, type Patient, warn } from './finding.ts'

const writersAtOnce = 16
/** What is left of it, if we are killed meanwhile, empties itself. */
const scratchTtlMs = 60_000
const key = 'scratch'
const value = new TextEncoder().encode('proffer doctor')

export async function checkBucket(bus: Bus, patient: Patient): Promise<Finding[]> {
  const { replicas } = patient
  if (replicas % 2 === 0)
    return [fail('jetstream', `${replicas} replicas survive no more than ${replicas - 1}`, 'give an odd --replicas')]
  const name = `proffer-doctor-${randomBytes(4).toString('hex')}`
  try {
    const bucket = await bus.bucket(name, { replicas, ttlMs: scratchTtlMs })
    const flaw = await flawOfWrites(bucket)
    return [ok('jetstream', `it is there, with ${replicas} of ${replicas} replicas`), writeFinding(flaw, replicas)]
  } catch (error) {
    return [refusedFinding(error, patient)]
  } finally {
    await remove(bus, name, patient)
  }
}

function writeFinding(flaw: string | undefined, replicas: number): Finding {
  const what = `compare-and-set on ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`
  if (!flaw) return ok('lease', `${what} holds: of ${writersAtOnce} writers at once, one won`)
  return fail('lease', `${what} does not hold: ${flaw}`, 'update nats-server, or use --replicas 1')
}

/** Two leaders at once is what each of these would lead to. */
async function flawOfWrites(bucket: Bucket): Promise<string | undefined> {
  const first = await bucket.create(key, value)
  if (first.outcome !== 'written') return `a first write was answered with ${first.outcome}`
  const second = await bucket.create(key, value)
  if (second.outcome !== 'conflict') return `a second create was answered with ${second.outcome}`
  const updated = await bucket.update(key, value, first.revision)
  if (updated.outcome !== 'written') return `an update was answered with ${updated.outcome}`
  const stale = await bucket.update(key, value, first.revision)
  if (stale.outcome !== 'conflict') return `an update of an old revision was answered with ${stale.outcome}`
  const race = Array.from({ length: writersAtOnce }, () => bucket.update(key, value, updated.revision))
  const winners = (await Promise.all(race)).filter(isWritten).length
  return winners === 1 ? undefined : `of ${writersAtOnce} writers at once, ${winners} won`
}

const isWritten = ({ outcome }: Written): boolean => outcome === 'written'

function refusedFinding(error: unknown, { roles, replicas }: Patient): Finding {
  const { message } = error as Error
  const code = error instanceof BusError ? error.code : undefined
  if (code === 'denied' || code === 'timeout') return deniedFinding(code, roles.includes('master'))
  if (code === 'no-jetstream') return fail('jetstream', message, 'see above')
  if (replicas === 1) return fail('jetstream', message, 'look into the log of nats-server')
  return fail('lease', message, 'start that many JetStream servers in one cluster, or use --replicas 1')
}

/** Only a master needs it. */
function deniedFinding(code: 'denied' | 'timeout', isMaster: boolean): Finding {
  const why = code === 'denied' ? 'this user may not use JetStream' : 'JetStream did not answer'
  if (!isMaster) return ok('jetstream', `${why}; only a master needs it`)
  const remedy = 'a master publishes to "$JS.API.>" and "$KV.>", or at least to what its own bucket needs'
  return warn('lease', `${why}, so that a lease could not be tried`, remedy)
}

/** Whoever may make a bucket may remove it; where not, its values lapse. */
async function remove(bus: Bus, name: string, { jetstreamPrefix, timeoutMs }: Patient): Promise<void> {
  const nothing = new Uint8Array()
  await bus.request(`${jetstreamPrefix}.STREAM.DELETE.KV_${name}`, nothing, timeoutMs).catch(() => {})
}
