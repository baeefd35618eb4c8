/** What we ask of a container engine, in our own words; `docker.ts` asks it of Docker. */

export interface Engine {
  facts(): Promise<EngineFacts>
  /** Resolves with what the engine warns of. */
  create(name: string, spec: ContainerSpec): Promise<readonly string[]>
  start(name: string): Promise<void>
  /** Resolves when the container does not run; at once when it never did. Rejects when the connection breaks. */
  wait(name: string): Promise<void>
  /** Undefined when there is no such container. */
  inspect(name: string): Promise<ContainerState | undefined>
  /** Whether the engine heard that a process in there was killed for memory; it may hear of the end before that. */
  ranOutOfMemory(name: string, sinceMs: number): Promise<boolean>
  kill(name: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Also when it runs. No error when there is none. */
  remove(name: string): Promise<void>
  /** Removes it unless it runs; whether it is gone. */
  discard(name: string): Promise<boolean>
  /** All containers with this label. */
  list(label: string, value: string): Promise<readonly Listed[]>
  /**
   * All that was written from the start, in frames (see demux.ts); with `follow` also what still is, until the
   * container ends. Then the last of it may be missing: Docker's followers stop when they hear of the end.
   */
  logs(name: string, options: { follow: boolean }): Promise<AsyncIterable<Uint8Array>>
  /** One piece of news after another; rejects for an error that comes in the middle of them. */
  pull(image: string, hear: (news: PullNews) => void): Promise<void>
  /** Breaks off all that is under way. */
  close(): void
}

export interface EngineFacts {
  readonly version: string
  readonly apiVersion: string
  readonly cgroupVersion: string
  readonly cpus: number
  readonly memMb: number
  /** What this engine cannot do, in its own words. */
  readonly warnings: readonly string[]
}

export interface Listed {
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
}

export interface ContainerState {
  readonly running: boolean
  /** ms since 1970; absent when it never was. */
  readonly startedAt?: number
  /** The work directory that it was made for. */
  readonly workDir?: string
  readonly exitCode: number
  readonly oomKilled: boolean
  /** Why it could not be started, in the engine's words; empty when it could. */
  readonly error: string
}

/** The body of a create request; the field names are the engine's. */
export interface ContainerSpec {
  readonly Image: string
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Env: readonly string[]
  readonly Labels: Readonly<Record<string, string>>
  readonly HostConfig: Readonly<Record<string, unknown>>
}

export interface PullNews {
  readonly id?: string
  readonly status?: string
  readonly error?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
}

/** The engine said no. `status` as in HTTP: 404 there is no such thing, 409 not as it stands now, ... */
export class EngineError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Whether the engine said this of what we asked; otherwise it may not even have heard us. */
export const isEngineError = (error: unknown, ...statuses: number[]): error is EngineError =>
  error instanceof EngineError && (statuses.length === 0 || statuses.includes(error.status))
