/** The limits that we measure ourselves against, in a process that does nothing else: requests over NATS, and spawns. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { connect } from 'nats'
import type { Place } from './place.ts'
import { given, serve } from './serve.ts'

export interface Question {
  readonly do: 'requests' | 'spawns'
  readonly count: number
  readonly inFlight: number
  /** So long from the start of one to the start of the next; absent: at once. Only with one in flight. */
  readonly everyMs?: number
}
export interface Answer {
  readonly perSecond: number
  readonly tookMs: readonly number[]
}

const connection = await connect({ servers: given<Place>().url, noAsyncTraces: true })
/** As long as a status update. */
const payload = new Uint8Array(200)
const doings = {
  requests: () => connection.request('bench.echo', payload, { timeout: 20_000 }),
  spawns: () => once(spawn('/bin/true', { stdio: 'ignore' }), 'exit'),
} satisfies Record<Question['do'], () => Promise<unknown>>

serve(
  (question: Question) => measure(question),
  () => connection.drain(),
)

async function measure(question: Question): Promise<Answer> {
  const tookMs: number[] = []
  const begin = performance.now()
  let left = question.count
  const worker = async () => {
    while (left-- > 0) tookMs.push(await timeOne(question))
  }
  await Promise.all(Array.from({ length: question.inFlight }, worker))
  const seconds = (performance.now() - begin) / 1000
  return { perSecond: question.count / seconds, tookMs }
}

async function timeOne(question: Question): Promise<number> {
  const begin = performance.now()
  await doings[question.do]()
  const took = performance.now() - begin
  if (question.everyMs) await pause(Math.max(0, question.everyMs - took))
  return took
}
