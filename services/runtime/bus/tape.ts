/** A window of what was lately said on some subjects, which JetStream keeps: of bounded age and size, the oldest goes. */
import type { Tape, TapeOptions } from '../ports.ts'
import { BusError } from './busError.ts'
import { type Answer, isMissing, type JetStream, record } from './jetstream.ts'

const streamNameInUse = 10058
/** Reads in flight: enough to hide the way to the server. */
const readsAtOnce = 128

/** With `options` it is made, or given these bounds; without, it must be there. Rejects with BusError. */
export async function openTape(jetstream: JetStream, name: string, options?: TapeOptions): Promise<Tape> {
  if (!/^[-=\w]+$/.test(name))
    throw new BusError('bad-subject', `${JSON.stringify(name)} cannot name a stream`)
  const found = options
    ? await keep(jetstream, name, options)
    : await jetstream.api(`STREAM.INFO.${name}`, {})
  if ('error' in found) throw refusal(name, found.error)
  return { play: (hear) => play(jetstream, name, hear) }
}

async function keep(jetstream: JetStream, name: string, options: TapeOptions): Promise<Answer> {
  const config = {
    name,
    subjects: [options.subject],
    retention: 'limits',
    storage: 'file',
    discard: 'old',
    max_age: options.keepMs * 1e6,
    max_bytes: options.keepBytes,
    num_replicas: 1,
    no_ack: true,
  }
  const made = await jetstream.api(`STREAM.CREATE.${name}`, config)
  if (!('error' in made) || made.error.errCode !== streamNameInUse) return made
  return jetstream.api(`STREAM.UPDATE.${name}`, config)
}

/** All that is kept now, the oldest first; resolves with how much that was. */
async function play(
  jetstream: JetStream,
  name: string,
  hear: (payload: Uint8Array) => void,
): Promise<number> {
  const info = await jetstream.api(`STREAM.INFO.${name}`, {})
  if ('error' in info) throw refusal(name, info.error)
  const { first_seq = 0, last_seq = 0 } = record(info.json['state'])
  let played = 0
  for (let seq = Number(first_seq); seq <= Number(last_seq); seq += readsAtOnce) {
    const count = Math.min(readsAtOnce, Number(last_seq) - seq + 1)
    const reads = Array.from({ length: count }, (_, i) => jetstream.at(name, seq + i))
    for (const payload of await Promise.all(reads)) {
      // The oldest may have gone meanwhile.
      if (!payload) continue
      hear(payload)
      played++
    }
  }
  return played
}

function refusal(name: string, error: Extract<Answer, { error: object }>['error']): BusError {
  if (isMissing(error))
    return new BusError(
      'failed',
      `The bus keeps no ${name}: \`proffer trace --keep 600\` makes it keep the trace`,
    )
  return new BusError('failed', `Stream ${name} cannot be had: ${error.description}`)
}
