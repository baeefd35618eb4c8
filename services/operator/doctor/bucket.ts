/** JetStream, and whether a compare-and-set in a bucket of its own really is one: tried, on a bucket that is removed. */
import { randomBytes } from 'node:crypto'
import { counted } from '../../../shared/counted.ts'
import { BusError } from '../../runtime/bus/busError.ts'
import { atLeast } from '../../runtime/bus/kvStream.ts'
import type { Bucket, Bus, Written } from '../../runtime/ports.ts'
import { type Finding, fail, ok, type Patient, warn } from './finding.ts'

const writersAtOnce = 16
/** What is left of it, if we are killed meanwhile, empties itself. */
const scratchTtlMs = 60_000
/** Below it two writers may both win on replicas. */
const soundVersion = [2, 9, 21] as const
const key = 'scratch'
const value = new TextEncoder().encode('proffer doctor')

export async function checkBucket(bus: Bus, patient: Patient): Promise<Finding[]> {
  const { replicas } = patient
  if (replicas % 2 === 0)
    return [
      fail(
        'jetstream',
        `${replicas} replicas survive no more than ${replicas - 1}`,
        'give an odd --replicas',
      ),
    ]
  const name = `proffer-doctor-${randomBytes(4).toString('hex')}`
  try {
    const bucket = await bus.bucket(name, { replicas, ttlMs: scratchTtlMs })
    const flaw = await flawOfWrites(bucket)
    return [
      ok('jetstream', `it is there, with ${replicas} of ${counted(replicas, 'replica')}`),
      writeFinding(flaw, replicas),
    ]
  } catch (error) {
    return [refusedFinding(error, patient, bus.serverVersion)]
  } finally {
    await remove(bus, name, patient)
  }
}

function writeFinding(flaw: string | undefined, replicas: number): Finding {
  const what = `compare-and-set on ${counted(replicas, 'replica')}`
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

function refusedFinding(error: unknown, { replicas }: Patient, version: string): Finding {
  const { message } = error as Error
  const code = error instanceof BusError ? error.code : undefined
  if (code === 'denied' || code === 'timeout') return untriedFinding(code)
  if (code === 'no-jetstream')
    return fail(
      'jetstream',
      `this NATS server offers no JetStream, which keeps the lease`,
      'start nats-server with -js -sd <folder>, or enable JetStream for this account',
    )
  if (replicas === 1) return fail('jetstream', message, 'look into the log of nats-server')
  const isOld = !atLeast(version, soundVersion)
  const enough = isOld
    ? 'update all servers to 2.9.21 or newer'
    : 'start that many JetStream servers in one cluster'
  return fail('lease', message, `${enough}, or use --replicas 1`)
}

/** A master's own user may be let into the lease's bucket alone. */
function untriedFinding(code: 'denied' | 'timeout'): Finding {
  if (code === 'timeout')
    return fail('jetstream', 'JetStream does not answer', 'look into the log of nats-server')
  const found = 'this user may not make a bucket to try, so nobody knows whether compare-and-set holds'
  return warn('lease', found, 'run doctor once as a user who may publish to "$JS.API.>" and "$KV.>"')
}

/** Whoever may make a bucket may remove it; where not, its values lapse. */
async function remove(bus: Bus, name: string, { jetstreamPrefix, timeoutMs }: Patient): Promise<void> {
  const nothing = new Uint8Array()
  await bus.request(`${jetstreamPrefix}.STREAM.DELETE.KV_${name}`, nothing, timeoutMs).catch(() => {})
}
