import { setTimeout as pause } from 'node:timers/promises'
import { counted } from '../../../shared/counted.ts'
import type { BucketOptions } from '../ports.ts'
import { BusError } from './busError.ts'
import { type Answer, type ApiError, isMissing, type JetStream, record } from './jetstream.ts'

const streamNameInUse = 10058
const noJetStream: readonly number[] = [10039, 10076]
const pauseMs = 250

export interface StreamWanted {
  readonly bucket: string
  readonly stream: string
  readonly options: BucketOptions
  /** Where its revisions begin if it must be made: servers before 2.10 begin at 1 all the same. */
  readonly firstRevision?: number
  /** How long a JetStream that is starting, or choosing a leader, is asked again. */
  readonly patienceMs: number
}

export interface StreamFound {
  /** When it was made, by the server: another stream of the same name has another. */
  readonly created: string
  /** The next is higher. */
  readonly lastRevision: number
}

/** Finds the bucket's stream or makes it; one with other options is refused, since it would not keep its promise. */
export async function openStream(jetstream: JetStream, wanted: StreamWanted): Promise<StreamFound> {
  const { bucket, options } = wanted
  refuseUnsoundReplicas(jetstream.link.server().version, bucket, options)
  const found = await look(jetstream, wanted)
  const answer = 'error' in found && isMissing(found.error) ? await make(jetstream, wanted) : found
  if ('error' in answer) throw refusal(bucket, answer.error)
  refuseDrift(bucket, options, answer.json['config'])
  return {
    created: String(answer.json['created']),
    lastRevision: Number(record(answer.json['state'])['last_seq'] ?? 0),
  }
}

function look(jetstream: JetStream, { stream, patienceMs }: StreamWanted): Promise<Answer> {
  return patiently(jetstream, patienceMs, () => jetstream.api(`STREAM.INFO.${stream}`, {}))
}

async function make(jetstream: JetStream, wanted: StreamWanted): Promise<Answer> {
  const made = await patiently(jetstream, wanted.patienceMs, () =>
    jetstream.api(`STREAM.CREATE.${wanted.stream}`, config(wanted)),
  )
  const overtaken = 'error' in made && made.error.errCode === streamNameInUse
  return overtaken ? look(jetstream, wanted) : made
}

/** Only fields that all know from 2.10 on, as 2.12 refuses what it does not know; 2.9 drops what it does not know. */
function config({ bucket, stream, options, firstRevision }: StreamWanted): object {
  return {
    ...(firstRevision && { first_seq: firstRevision }),
    name: stream,
    subjects: [`$KV.${bucket}.>`],
    retention: 'limits',
    storage: 'file',
    discard: 'new',
    num_replicas: options.replicas,
    max_age: nanos(options.ttlMs),
    max_msgs_per_subject: 1,
    max_msgs: -1,
    max_bytes: -1,
    max_msg_size: -1,
    max_consumers: -1,
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: false,
  }
}

/** A JetStream that is still starting, or choosing a leader, is asked again for a while. */
async function patiently(
  jetstream: JetStream,
  patienceMs: number,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const until = performance.now() + patienceMs
  for (;;) {
    const answer = await ask().catch((error: unknown) => asBusError(error))
    const late = performance.now() > until
    if (!(answer instanceof BusError)) {
      if (late || !('error' in answer) || !isStarting(answer.error)) return answer
    } else if (answer.code === 'no-responders') {
      if (late || !jetstream.link.server().hasJetStream) throw withoutJetStream()
    } else if (late || answer.code !== 'timeout') throw answer
    await pause(pauseMs)
  }
}

function asBusError(error: unknown): BusError {
  return error instanceof BusError ? error : new BusError('failed', String(error), { cause: error })
}

function isStarting(error: ApiError): boolean {
  return error.code === 503 && !noJetStream.includes(error.errCode)
}

/**
 * Below 2.9.21 a replicated stream checks an expected revision before the replicas agree on the order of writes,
 * so two writers may both be told yes.
 */
function refuseUnsoundReplicas(version: string, bucket: string, options: BucketOptions): void {
  if (options.replicas === 1 || atLeast(version, [2, 9, 21])) return
  const why = 'where two writers can both win a compare-and-set on replicas'
  const what = 'update the servers to 2.9.21 or later, or use 1 replica'
  throw new BusError(
    'bucket-refused',
    `Bucket ${bucket} asks for ${options.replicas} replicas on NATS ${version}, ${why}: ${what}`,
  )
}

export function atLeast(version: string, wanted: readonly [number, number, number]): boolean {
  const [major = 0, minor = 0, patch = 0] = version
    .split(/[.-]/)
    .map((part) => Number.parseInt(part, 10) || 0)
  const [wantedMajor, wantedMinor, wantedPatch] = wanted
  if (major !== wantedMajor) return major > wantedMajor
  return minor === wantedMinor ? patch >= wantedPatch : minor > wantedMinor
}

function refuseDrift(bucket: string, options: BucketOptions, found: unknown): void {
  const { max_age = 0, num_replicas = 1, mirror = undefined } = record(found)
  const differs = [
    max_age !== nanos(options.ttlMs) &&
      `its values live ${lifetime(Number(max_age))}, not ${lifetime(nanos(options.ttlMs))}`,
    num_replicas !== options.replicas &&
      `it has ${counted(Number(num_replicas), 'replica')}, not ${options.replicas}`,
    mirror !== undefined && 'it is a mirror, which cannot be written to',
  ].filter((difference) => difference !== false)
  if (differs.length === 0) return
  const what = `change the setting, or the bucket with \`nats stream edit KV_${bucket}\``
  throw new BusError(
    'bucket-refused',
    `Bucket ${bucket} exists and is different: ${differs.join('; ')}. Either ${what}`,
  )
}

function refusal(bucket: string, error: ApiError): BusError {
  if (noJetStream.includes(error.errCode)) return withoutJetStream()
  return new BusError('bucket-refused', `Bucket ${bucket} cannot be opened: ${error.description}`)
}

function withoutJetStream(): BusError {
  const what = 'start nats-server with `-js -sd <directory>`, or enable JetStream for this account'
  return new BusError(
    'no-jetstream',
    `This NATS server offers no JetStream, which keeps the lease and the registry: ${what}`,
  )
}

function nanos(ms: number | undefined): number {
  return (ms ?? 0) * 1e6
}

function lifetime(ns: number): string {
  return ns === 0 ? 'for ever' : `${ns / 1e9} s`
}
