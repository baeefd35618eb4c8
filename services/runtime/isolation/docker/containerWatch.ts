/** Sees a container to its end. The engine may restart meanwhile, or the connection break: then it is asked again. */
import { setTimeout as delay } from 'node:timers/promises'
import type { DockerBounds } from './dockerOptions.ts'
import type { ContainerState, Engine } from './engine.ts'
import type { LogFollower } from './logFollower.ts'

/** 128 and the number of SIGKILL. */
const killed = 137

export class ContainerWatch {
  readonly #engine: Engine
  readonly #name: string
  readonly #bounds: DockerBounds
  readonly #startedAt: number
  #closed = false
  #hasEnded = false
  /** Its state after its end; undefined when it is gone altogether, or the watch was closed before. */
  readonly ended: Promise<ContainerState | undefined>

  constructor(engine: Engine, name: string, startedAt: number, bounds: DockerBounds) {
    this.#engine = engine
    this.#name = name
    this.#startedAt = startedAt
    this.#bounds = bounds
    this.ended = this.#untilEnded()
  }

  close(): void {
    this.#closed = true
  }

  async #untilEnded(): Promise<ContainerState | undefined> {
    let state: ContainerState | undefined
    for (let pause = this.#bounds.retryMs; !this.#closed; pause = this.#longer(pause)) {
      try {
        await this.#engine.wait(this.#name).catch(() => {})
        state = await this.#engine.inspect(this.#name)
        if (!state?.running) break
      } catch {
        // It is away: it will be asked again.
      }
      await rest(pause)
    }
    this.#hasEnded = true
    return state
  }

  /** Follows the logs while it runs; then reads them once more, for the follower may have stopped before the last. */
  async fetchLogs(follower: LogFollower): Promise<void> {
    for (let pause = this.#bounds.retryMs; !this.#closed; pause = this.#longer(pause)) {
      const isLast = this.#hasEnded
      try {
        await follower.read(await this.#engine.logs(this.#name, { follow: !isLast }))
        if (isLast) return
      } catch {
        // As above. A disk that is full may have room again.
      }
      await (isLast ? rest(pause) : Promise.race([this.ended, rest(pause)]))
    }
  }

  /**
   * Whether a kill that we did not ask for was for want of memory. The engine may hear of the end before it hears of
   * that, and then its state never says so: what it heard is asked for a little while.
   */
  async ranOutOfMemory(state: ContainerState): Promise<boolean> {
    if (state.oomKilled || state.exitCode !== killed) return state.oomKilled
    const until = Date.now() + this.#bounds.memoryNewsMs
    do {
      if (await this.#engine.ranOutOfMemory(this.#name, this.#startedAt).catch(() => false)) return true
      await rest(this.#bounds.retryMs)
    } while (Date.now() < until && !this.#closed)
    return false
  }

  #longer(pause: number): number {
    return Math.min(2 * pause, this.#bounds.retryMaxMs)
  }
}

const rest = (ms: number): Promise<void> => delay(ms, undefined, { ref: false })
