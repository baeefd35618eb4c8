/** The limits that we measure ourselves against, in a process that does nothing else: requests over NATS, spawns, containers. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type Docker from 'dockerode'
import { connect } from 'nats'
import type { Place } from './place.ts'
import { given, serve } from './serve.ts'

export interface Question {
  readonly do: 'requests' | 'spawns' | 'containers'
  readonly count: number
  readonly inFlight: number
}
export interface Answer {
  readonly perSecond: number
  readonly tookMs: readonly number[]
}

const { url, docker } = given<Place & { readonly docker?: { socketPath: string; image: string } }>()
const connection = await connect({ servers: url, noAsyncTraces: true })
/** Loaded when it is asked for: a process that spawns pays for what it holds. */
let engine: Docker | undefined
/** As long as a status update. */
const payload = new Uint8Array(200)
const doings = {
  requests: () => connection.request('bench.echo', payload, { timeout: 20_000 }),
  spawns: () => once(spawn('/bin/true', { stdio: 'ignore' }), 'exit'),
  containers: () => runContainer(),
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
  return performance.now() - begin
}

/** As little as one can ask of the engine, with the same network as our tasks have. */
async function runContainer(): Promise<void> {
  if (!docker) throw new Error('there is no engine')
  engine ??= new (await import('dockerode')).default({ socketPath: docker.socketPath })
  const container = await engine.createContainer({
    Image: docker.image,
    Cmd: ['true'],
    HostConfig: { NetworkMode: 'none' },
  })
  await container.start()
  await container.wait()
  await container.remove()
}
