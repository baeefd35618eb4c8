/** An isolation that runs nothing: a run has started at once, and ends after as many seconds as its command says. */
import type { Clock, Isolation, LogPiece, Run, RunEvent } from '../../../services/runtime/ports.ts'

export class TimedRuns implements Isolation {
  readonly name = 'process'
  readonly #clock: Clock
  /** How each is called off. */
  readonly #running = new Map<string, () => void>()
  #tell: (event: RunEvent) => void = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  onEvent(hear: (event: RunEvent) => void): void {
    this.#tell = hear
  }

  start({ runId, command }: Run): void {
    const at = this.#clock.now() + 1000 * Number(command.argv?.[1] ?? 0)
    this.#running.set(
      runId,
      this.#clock.callAt(at, () => this.#end(runId, {})),
    )
    this.#tell({ type: 'run.started', runId, pid: 1 })
  }

  adopt(run: Run): void {
    this.start(run)
  }

  stop(runId: string): void {
    this.#running.get(runId)?.()
    this.#end(runId, { reason: 'kill-requested', signal: 'SIGTERM' })
  }

  async retain(): Promise<void> {}
  async forget(): Promise<void> {}
  async close(): Promise<void> {}

  async readLog(): Promise<LogPiece> {
    return { bytes: new Uint8Array(), offset: 0, size: 0 }
  }

  #end(runId: string, outcome: Extract<RunEvent, { type: 'run.ended' }>['outcome']): void {
    if (this.#running.delete(runId)) this.#tell({ type: 'run.ended', runId, outcome })
  }
}
