/** Runs on virtual time: a command takes as long, and ends, as a script says. */
import type { Isolation, LogPiece, Run, RunEvent, RunOutcome } from '../runtime/ports.ts'
import type { SimulatedExecutor } from './executors.ts'
import type { VirtualTime } from './time.ts'

/** What a command does: after how many seconds it ends, and how; undefined: never by itself. */
export type Script = (run: Run) => { readonly seconds: number; readonly outcome?: RunOutcome } | undefined

/** The words that stories and tests write: `sleep 5`, `exit 3`, `forever`; anything else ends well after a tenth of a second. */
export const plainScript: Script = ({ command }) => {
  const words = command.argv ?? command.shell?.split(' ') ?? []
  const [word, figure = '0'] = words
  if (word === 'forever') return undefined
  if (word === 'sleep') return { seconds: Number(figure) }
  if (word === 'exit' && figure !== '0')
    return {
      seconds: 0.1,
      outcome: { reason: 'exit-code', exitCode: Number(figure), message: `exit code ${figure}` },
    }
  return { seconds: 0.1 }
}

/** Runs a custom executor's process; undefined for a run that is none. */
export type Hosting = (run: Run, ended: () => void) => SimulatedExecutor | undefined

export class SimulatedContainers implements Isolation {
  readonly name = 'process'
  /** What runs at this moment, by run id. */
  readonly running = new Map<string, Run>()
  /** Every run that was ever started. */
  readonly started: Run[] = []
  private readonly time: VirtualTime
  private readonly script: Script
  private readonly host: Hosting
  private readonly executors = new Map<string, SimulatedExecutor>()
  /** How runs ended: written down beside them until they are forgotten. */
  private readonly ended = new Map<string, RunOutcome>()
  private hear: ((event: RunEvent) => void) | undefined
  private readonly stops = new Map<string, () => void>()

  private readonly volumes: ReadonlyMap<string, string[]>

  constructor(
    time: VirtualTime,
    script: Script,
    host: Hosting = () => undefined,
    volumes: ReadonlyMap<string, string[]> = new Map(),
  ) {
    this.time = time
    this.script = script
    this.host = host
    this.volumes = volumes
  }

  start(run: Run): void {
    const { runId } = run
    this.running.set(runId, run)
    this.started.push(run)
    for (const { volumeId } of run.volumes ?? []) this.volumes.get(volumeId)?.push(runId)
    this.later(0, () => this.tell({ type: 'run.started', runId }))
    const executor = this.host(run, () => this.end(runId, {}))
    if (executor) {
      this.executors.set(runId, executor)
      return
    }
    const ends = this.script(run)
    if (ends)
      this.stops.set(
        runId,
        this.later(ends.seconds, () => this.end(runId, ends.outcome ?? {})),
      )
  }

  adopt(run: Run): void {
    const { runId } = run
    const outcome = this.ended.get(runId)
    if (!outcome && !this.running.has(runId)) this.start(run)
    else this.later(0, () => this.tell({ type: 'run.started', runId }))
    if (outcome) this.later(0, () => this.tell({ type: 'run.ended', runId, outcome }))
  }

  retain(runIds: ReadonlySet<string>): Promise<void> {
    for (const runId of [...this.running.keys()]) {
      if (runIds.has(runId)) continue
      this.stops.get(runId)?.()
      this.executors.get(runId)?.actor.halt()
      this.running.delete(runId)
    }
    return Promise.resolve()
  }

  stop(runId: string, graceSeconds: number): void {
    if (!this.running.has(runId)) return
    const executor = this.executors.get(runId)
    executor?.stop(graceSeconds)
    this.stops.get(runId)?.()
    const signal = graceSeconds > 0 ? 'SIGTERM' : 'SIGKILL'
    // A stopped command ends within its grace.
    this.stops.set(
      runId,
      this.later(Math.min(graceSeconds, 0.5), () =>
        this.end(runId, { reason: 'kill-requested', signal, message: `killed by ${signal}` }),
      ),
    )
  }

  onEvent(hear: (event: RunEvent) => void): void {
    this.hear = hear
  }

  readLog(_runId: string, _stream: 'stdout' | 'stderr', offset: number): Promise<LogPiece> {
    return Promise.resolve({ bytes: new Uint8Array(), offset, size: 0 })
  }

  forget(runId: string): Promise<void> {
    this.ended.delete(runId)
    return Promise.resolve()
  }

  /** The slave's process is gone; all that runs goes on. */
  leaveAlone(): void {
    this.hear = undefined
  }

  /** Everything ends at once, and nobody is told: as when the machine is switched off. */
  close(): Promise<void> {
    for (const callOff of this.stops.values()) callOff()
    for (const { actor } of this.executors.values()) actor.halt()
    this.running.clear()
    this.hear = undefined
    return Promise.resolve()
  }

  private later(seconds: number, call: () => void): () => void {
    return this.time.callAt(this.time.now() + seconds * 1000, call)
  }

  private end(runId: string, outcome: RunOutcome): void {
    this.executors.get(runId)?.actor.halt()
    if (this.running.delete(runId)) this.tell({ type: 'run.ended', runId, outcome })
  }

  private tell(event: RunEvent): void {
    if (event.type === 'run.ended') this.ended.set(event.runId, event.outcome)
    this.hear?.(event)
  }
}
