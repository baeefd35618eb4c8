/** An isolation that runs nothing: each run has started at once, and waits until it is stopped. */
import type { Isolation, LogPiece, Run, RunEvent } from '../../../services/runtime/ports.ts'

export class WaitingRuns implements Isolation {
  readonly name = 'process'
  readonly #running = new Set<string>()
  #tell: (event: RunEvent) => void = () => {}

  onEvent(hear: (event: RunEvent) => void): void {
    this.#tell = hear
  }

  start({ runId }: Run): void {
    this.#running.add(runId)
    this.#tell({ type: 'run.started', runId, pid: 1 })
  }

  adopt(run: Run): void {
    this.start(run)
  }

  stop(runId: string): void {
    if (!this.#running.delete(runId)) return
    this.#tell({ type: 'run.ended', runId, outcome: { reason: 'kill-requested', signal: 'SIGTERM' } })
  }

  async retain(): Promise<void> {}
  async forget(): Promise<void> {}
  async close(): Promise<void> {}

  async readLog(): Promise<LogPiece> {
    return { bytes: new Uint8Array(), offset: 0, size: 0 }
  }
}
