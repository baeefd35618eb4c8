/** The ports of an actor over a connection to the bus. */
import { encode, unpack } from '../../shared/codec.ts'
import type { Refusal } from '../../shared/errors.ts'
import { prefix, token } from '../../shared/subjects.ts'
import type { LeaseEffect, Unanswered } from '../../statecharts/decision.ts'
import type { LeaseAnswered } from '../../statecharts/lease.ts'
import { BusError } from './bus/busError.ts'
import type { Bucket, Bus, LeasePort, Wire } from './ports.ts'

export const wireOver = (bus: Bus): Wire => ({
  publish: (subject, payload) => bus.publish(subject, payload),
  subscribe: (subject, hear) => bus.subscribe(subject, hear),
  request: (subject, payload, timeoutMs, answered) => {
    bus.request(subject, payload, timeoutMs).then(answered, (error: Error) => answered(unanswered(error)))
  },
})

/** Why no answer came, in the words of the charts. What is too large for the bus will be so the next time: that is a no. */
function unanswered(error: Error): Unanswered | Refusal {
  const { message } = error
  const code = error instanceof BusError ? error.code : 'unreachable'
  if (code === 'too-large') return { ok: false, code, message }
  return { ok: false, code: code === 'no-responders' || code === 'timeout' ? code : 'unreachable', message }
}

/** The name of a cluster's bucket of some kind; bucket names have no dots. */
export const bucketName = (cluster: string, kind: string): string =>
  `${prefix(cluster).replace('.', '-')}-${kind}`.replaceAll('=', '_')

/** A lease in a KV bucket. What is written names the holder, for people, and its nonce, for itself. */
export function leaseIn(
  bucket: Bucket,
  key: string,
  holder: Holder,
): LeasePort & { settled(): Promise<unknown> } {
  const pending = new Set<Promise<void>>()
  return {
    attempt(effect, answered) {
      const attempted = attempt(bucket, key, effect, holder)
        .then(answered, () => answered({ outcome: 'unknown' }))
        .finally(() => pending.delete(attempted))
      pending.add(attempted)
    },
    /** When every attempt has its answer: a lease that is given up must have arrived before the link is closed. */
    settled: () => Promise.allSettled(pending),
  }
}

interface Holder {
  readonly name: string
  readonly version: string
  /** ms since 1970. */
  readonly startedAt: number
}

async function attempt(
  bucket: Bucket,
  key: string,
  { op, revision, nonce, floor }: LeaseEffect,
  holder: Holder,
): Promise<LeaseAnswered['result']> {
  const value = encode({ ...holder, nonce, floor })
  switch (op) {
    case 'create':
      return bucket.create(key, value)
    case 'update':
      return bucket.update(key, value, revision)
    case 'remove':
      return bucket.remove(key, revision)
    case 'read': {
      const entry = await bucket.read(key)
      if (!entry) return { outcome: 'vacant' }
      return { outcome: 'held', ...readHolder(entry.value), revision: entry.revision }
    }
  }
}

/** What others wrote is theirs: whatever is no nonce or no floor of ours is none. */
function readHolder(value: Uint8Array): { nonce: string; floor: number } {
  const { nonce, floor } = unpack(value) ?? {}
  return { nonce: typeof nonce === 'string' ? nonce : '', floor: typeof floor === 'number' ? floor : 0 }
}

/** A key out of a name that may hold anything. */
export const keyOf = (...names: readonly string[]): string => names.map(token).join('.')
