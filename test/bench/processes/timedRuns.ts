/** An isolation that runs nothing: a run has started at once, and ends after as many seconds as its command says. */
import type { Isolation, LogPiece, Run, RunEvent } from '../../../services/runtime/ports.ts'

/** Timers of one length are cheap together. */
const grainMs = 10

export class TimedRuns implements Isolation {
  readonly name = 'process'
  readonly #running = new Map<string, NodeJS.Timeout>()
  #tell: (event: RunEvent) => void = () => {}

  onEvent(hear: (event: RunEvent) => void): void {
    this.#tell = hear
  }

  start({ runId, command }: Run): void {
    const ms = 1000 * Number(command.argv?.[1] ?? 0)
    const end = () => this.#end(runId, {})
    this.#running.set(runId, setTimeout(end, grainMs * Math.round(ms / grainMs)))
    this.#tell({ type: 'run.started', runId, pid: 1 })
  }

  adopt(run: Run): void {
    this.start(run)
  }

  stop(runId: string): void {
    clearTimeout(this.#running.get(runId))
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
