/** Docker isolation: the engine's API by dockerode, which is loaded only here and only when it is needed. */
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type Dockerode from 'dockerode'
import type { Isolation } from '../ports.ts'
import { workDirLabel } from './docker/containerSpec.ts'
import { Containers } from './docker/containers.ts'
import { type DockerBounds, type DockerOptions, dockerBounds } from './docker/dockerOptions.ts'
import {
  type ContainerState,
  type Engine,
  EngineError,
  type EngineFacts,
  isEngineError,
  type Listed,
} from './docker/engine.ts'
import { newsIn } from './docker/pullNews.ts'
import { messageOf } from './runs.ts'

/** The newest API whose answers we know; engines refuse versions that are too old, and know none that are too new. */
const newestApi = '1.50'
/** The oldest with all that we use. */
const oldestApi = '1.40'

/** Rejects with a sentence for the operator when no engine answers, or none that we can talk to. */
export async function dockerIsolation(options: DockerOptions): Promise<Isolation> {
  const engine = await openEngine(options, { ...dockerBounds, ...options.bounds })
  return new Containers(engine, options)
}

export type DockerReport =
  | ({ readonly reachable: true } & EngineFacts)
  | { readonly reachable: false; readonly message: string }

/** How it stands with the engine, for whoever sets a slave up. Never rejects. */
export async function checkDocker(options: Pick<DockerOptions, 'socketPath'> = {}): Promise<DockerReport> {
  try {
    const engine = await openEngine(options, dockerBounds)
    const facts = await engine.facts()
    engine.close()
    return { reachable: true, ...facts }
  } catch (error) {
    return { reachable: false, message: messageOf(error) }
  }
}

async function openEngine(
  at: Pick<DockerOptions, 'socketPath'>,
  bounds: DockerBounds,
): Promise<DockerEngine> {
  const { default: Docker } = await import('dockerode')
  const { socketPath } = at
  // Without the host, which dockerode takes from DOCKER_HOST and prefers.
  const place = socketPath === undefined ? {} : { socketPath, host: undefined }
  const version = await negotiate(new DockerEngine(new Docker(place), bounds))
  return new DockerEngine(new Docker({ ...place, version }), bounds)
}

/** The newest version that both of us speak. */
async function negotiate(engine: DockerEngine): Promise<string> {
  const { ApiVersion: theirs = '0', MinAPIVersion: least = '0' } = await engine
    .version()
    .catch((error: unknown) => {
      throw new Error(`no Docker engine answers (${messageOf(error)}): is it running, and may we talk to it?`)
    })
  if (compareVersions(theirs, oldestApi) < 0 || compareVersions(least, newestApi) > 0)
    throw new Error(`the engine speaks API ${least} to ${theirs}; we speak ${oldestApi} to ${newestApi}`)
  return `v${compareVersions(theirs, newestApi) < 0 ? theirs : newestApi}`
}

interface Question {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly query?: Record<string, string | boolean>
  readonly body?: object
  /** All of the answer must be here within; for ever when absent. */
  readonly timeoutMs?: number
}

/** What we read of the engine's answers. */
interface VersionAnswer {
  readonly Version?: string
  readonly ApiVersion?: string
  readonly MinAPIVersion?: string
}
interface InfoAnswer {
  readonly CgroupVersion?: string
  readonly NCPU: number
  readonly MemTotal: number
  readonly Warnings?: string[] | null
}
interface InspectAnswer {
  readonly State: { Running: boolean; ExitCode: number; OOMKilled: boolean; Error: string; StartedAt: string }
  readonly Config: { Labels?: Record<string, string> | null }
}
interface ListAnswer {
  readonly Id: string
  readonly Labels: Record<string, string>
}

class DockerEngine implements Engine {
  readonly #docker: Dockerode
  readonly #bounds: DockerBounds
  readonly #asking = new Set<AbortController>()
  #closed = false

  constructor(docker: Dockerode, bounds: DockerBounds) {
    this.#docker = docker
    this.#bounds = bounds
  }

  version(): Promise<VersionAnswer> {
    return this.#json({ path: '/version' })
  }

  async facts(): Promise<EngineFacts> {
    const { Version, ApiVersion } = await this.version()
    const { CgroupVersion, NCPU, MemTotal, Warnings } = await this.#json<InfoAnswer>({ path: '/info' })
    return {
      version: Version ?? 'unknown',
      apiVersion: ApiVersion ?? 'unknown',
      cgroupVersion: CgroupVersion ?? '1',
      cpus: NCPU,
      memMb: Math.floor(MemTotal / 1024 / 1024),
      warnings: Warnings ?? [],
    }
  }

  async create(name: string, spec: object): Promise<readonly string[]> {
    const question = { method: 'POST', path: '/containers/create', query: { name }, body: spec } as const
    return (await this.#json<{ Warnings?: string[] | null }>(question)).Warnings ?? []
  }

  async start(name: string): Promise<void> {
    await this.#json({ method: 'POST', path: `/containers/${name}/start` })
  }

  async wait(name: string): Promise<void> {
    const answer = await this.#ask({ method: 'POST', path: `/containers/${name}/wait` })
    await text(answer)
  }

  async inspect(name: string): Promise<ContainerState | undefined> {
    try {
      return stateOf(await this.#json<InspectAnswer>({ path: `/containers/${name}/json` }))
    } catch (error) {
      if (isEngineError(error, 404)) return undefined
      throw error
    }
  }

  async ranOutOfMemory(name: string, sinceMs: number): Promise<boolean> {
    const filters = JSON.stringify({ container: [name], event: ['oom'] })
    // Until now, or it would wait for more.
    const [since = '', until = ''] = [sinceMs, Date.now()].map((ms) => (ms / 1000).toFixed(3))
    const query = { filters, since, until }
    const { engineTimeoutMs: timeoutMs } = this.#bounds
    return (await text(await this.#ask({ path: '/events', query, timeoutMs }))).trim() !== ''
  }

  async kill(name: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#json({ method: 'POST', path: `/containers/${name}/kill`, query: { signal } })
  }

  async remove(name: string): Promise<void> {
    try {
      await this.#json({ method: 'DELETE', path: `/containers/${name}`, query: { force: true, v: true } })
    } catch (error) {
      // 409: it is being removed already.
      if (!isEngineError(error, 404, 409)) throw error
    }
  }

  async discard(name: string): Promise<boolean> {
    try {
      await this.#json({ method: 'DELETE', path: `/containers/${name}`, query: { v: true } })
      return true
    } catch (error) {
      if (isEngineError(error, 404)) return true
      // It runs by now, or is being removed already.
      if (isEngineError(error, 409)) return false
      throw error
    }
  }

  async list(label: string, value: string): Promise<readonly Listed[]> {
    const filters = JSON.stringify({ label: [`${label}=${value}`] })
    const question = { path: '/containers/json', query: { all: true, filters } } as const
    return (await this.#json<ListAnswer[]>(question)).map(({ Id, Labels }) => ({ id: Id, labels: Labels }))
  }

  async logs(name: string, { follow }: { follow: boolean }): Promise<AsyncIterable<Uint8Array>> {
    return this.#ask({ path: `/containers/${name}/logs`, query: { follow, stdout: true, stderr: true } })
  }

  async pull(image: string, hear: Parameters<Engine['pull']>[1]): Promise<void> {
    const { name, tag } = partsOf(image)
    const answer = await this.#ask({
      method: 'POST',
      path: '/images/create',
      query: { fromImage: name, tag },
      timeoutMs: this.#bounds.pullTimeoutMs,
    })
    for await (const news of newsIn(answer)) {
      if (news.error !== undefined) throw new EngineError(500, news.error)
      hear(news)
    }
  }

  close(): void {
    this.#closed = true
    for (const call of this.#asking) call.abort()
  }

  async #json<Answer>(question: Question): Promise<Answer> {
    const body = await text(await this.#ask({ timeoutMs: this.#bounds.engineTimeoutMs, ...question }))
    return JSON.parse(body === '' ? '{}' : body)
  }

  /**
   * Always as a stream, which we read ourselves: dockerode waits for ever for the rest of an answer when the
   * connection breaks in the middle of it.
   */
  #ask({ method = 'GET', path, query = {}, body = {}, timeoutMs }: Question): Promise<IncomingMessage> {
    const call = new AbortController()
    if (this.#closed) call.abort()
    this.#asking.add(call)
    const late = new Error(`no whole answer within ${timeoutMs} ms`)
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => call.abort(late), timeoutMs)
    const over = () => {
      clearTimeout(timer)
      this.#asking.delete(call)
    }
    const options = { _query: query, _body: body }
    const dialled = {
      method,
      path: `${path}?`,
      options,
      isStream: true,
      statusCodes: fine,
      abortSignal: call.signal,
    }
    return new Promise((resolve, reject) => {
      this.#docker.modem.dial(dialled, (error, answer) => {
        if (error) over()
        if (error) return reject(call.signal.aborted ? call.signal.reason : engineErrorOf(error))
        // With isStream, it is the response as Node's http has it.
        const response = answer as IncomingMessage
        call.signal.addEventListener('abort', () => response.destroy(call.signal.reason))
        resolve(response.on('error', () => {}).once('close', over))
      })
    })
  }
}

function stateOf({ State, Config }: InspectAnswer): ContainerState {
  const { Running, ExitCode, OOMKilled, Error: error, StartedAt } = State
  // In the year 1 when it never was.
  const startedAt = Date.parse(StartedAt)
  const workDir = Config.Labels?.[workDirLabel]
  return {
    running: Running,
    exitCode: ExitCode,
    oomKilled: OOMKilled,
    error,
    ...(startedAt > 0 && { startedAt }),
    ...(workDir !== undefined && { workDir }),
  }
}

/** 304: it is so already. */
const fine = { 200: true, 201: true, 204: true, 304: true }

function engineErrorOf(error: Error & { statusCode?: number }): Error {
  if (error.statusCode === undefined) return error
  // Their message starts with "(HTTP code 404) unexpected - ", ours with what the engine says.
  return new EngineError(error.statusCode, error.message.replace(/^\(HTTP code \d+\) .*? - /, '').trim())
}

function partsOf(image: string): { name: string; tag: string } {
  const at = image.indexOf('@')
  if (at >= 0) return { name: image.slice(0, at), tag: image.slice(at + 1) }
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1)
  return colon < 0
    ? { name: image, tag: 'latest' }
    : { name: image.slice(0, colon), tag: image.slice(colon + 1) }
}

function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}
