export type Network = 'none' | 'host' | 'bridge'

export interface DockerOptions {
  /** Of the engine; where DOCKER_HOST and its kin say, else /var/run/docker.sock, when absent. */
  readonly socketPath?: string
  /** Absolute. What a run writes is kept in `workDir/<runId>/`. */
  readonly workDir: string
  /** For runs that name no container, custom executors for instance. */
  readonly defaultImage?: string
  /** `none` when absent. */
  readonly defaultNetwork?: Network
  readonly bounds?: Partial<DockerBounds>
}

export interface DockerBounds {
  /** Processes and threads in one container; a fork bomb stops there. */
  readonly pidsLimit: number
  /** The engine takes a share of 0 for no limit: a run that asked for less than this gets this, thousandths. */
  readonly minCpuMilli: number
  /** Of each of stdout and stderr so much is kept, bytes. */
  readonly logMaxBytes: number
  /** The engine's own copy is cut at so much, twice, bytes; what we had not fetched by then is lost. */
  readonly engineLogBytes: number
  /** One answer of readLog holds at the most so much, bytes. */
  readonly logPieceBytes: number
  /** A run is told as ended with its logs complete, or so long after its end, ms. */
  readonly logDrainMs: number
  /** News that memory had run out may come so long after the end, ms. */
  readonly memoryNewsMs: number
  /** The engine creates and starts so many at once: with more, each takes longer and so do all of them. */
  readonly maxConcurrentStarts: number
  /** So many wait for that; what comes on top of them has failed. */
  readonly maxQueuedStarts: number
  /** So many images are pulled at once; the others wait. */
  readonly maxConcurrentPulls: number
  /** A pull that takes longer has failed, ms. */
  readonly pullTimeoutMs: number
  /** News of a pull are told at the most every so often, ms. */
  readonly progressMs: number
  /** Any answer of the engine may take so long, but those that wait for a container's end, ms. */
  readonly engineTimeoutMs: number
  /** An engine that is away is asked again after, ms; each time twice as long as before, ... */
  readonly retryMs: number
  /** ... and at the most so long, ms. */
  readonly retryMaxMs: number
  /** close({ kill: true }) waits so long for the ends, ms. */
  readonly killTimeoutMs: number
  /** At most so many runs at a time: each keeps two connections open. */
  readonly maxRuns: number
}

export const dockerBounds: DockerBounds = {
  pidsLimit: 1024,
  minCpuMilli: 10,
  logMaxBytes: 16 * 1024 * 1024,
  engineLogBytes: 32 * 1024 * 1024,
  logPieceBytes: 1024 * 1024,
  logDrainMs: 2000,
  memoryNewsMs: 1000,
  maxConcurrentStarts: 4,
  maxQueuedStarts: 1000,
  maxConcurrentPulls: 2,
  pullTimeoutMs: 600_000,
  progressMs: 1000,
  engineTimeoutMs: 60_000,
  retryMs: 200,
  retryMaxMs: 5000,
  killTimeoutMs: 10_000,
  maxRuns: 2000,
}
