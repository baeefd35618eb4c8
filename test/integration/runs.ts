/** An isolation whose events can be awaited. */
import type { Isolation, Run, RunEvent, RunOutcome } from '../../services/runtime/ports.ts'
import { none } from '../../shared/resources.ts'

export interface Watched {
  readonly isolation: Isolation
  /** Starts it and resolves with how it ended. */
  finish(run: Run): Promise<RunOutcome>
  /** Resolves with its pid, or 0. */
  started(runId: string): Promise<number>
  ended(runId: string): Promise<RunOutcome>
  readonly events: readonly RunEvent[]
  text(runId: string, stream?: 'stdout' | 'stderr'): Promise<string>
  /** Resolves when what the run wrote to stdout contains this. */
  wrote(runId: string, words: string): Promise<void>
}

export function watch(isolation: Isolation): Watched {
  const events: RunEvent[] = []
  const outcomes = new Promised<RunOutcome>()
  const pids = new Promised<number>()
  isolation.onEvent((event) => {
    events.push(event)
    if (event.type === 'run.ended') outcomes.resolve(event.runId, event.outcome)
    if (event.type === 'run.started') pids.resolve(event.runId, event.pid ?? 0)
  })
  const ended = (runId: string) => outcomes.of(runId)
  const text = async (runId: string, stream: 'stdout' | 'stderr' = 'stdout') => {
    const pieces: Uint8Array[] = []
    for (let at = 0; ; ) {
      const { bytes, offset, size } = await isolation.readLog(runId, stream, at, 1024 * 1024)
      pieces.push(bytes)
      at = offset + bytes.length
      if (at >= size) return Buffer.concat(pieces).toString()
    }
  }
  return {
    isolation,
    events,
    ended,
    text,
    started: (runId) => pids.of(runId),
    finish: (run) => {
      isolation.start(run)
      return ended(run.runId)
    },
    wrote: async (runId, words) => {
      while (!(await text(runId)).includes(words)) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** A promise for each name, whether it is asked for before it is kept or after. */
class Promised<T> {
  readonly #kept = new Map<string, { promise: Promise<T>; resolve: (value: T) => void }>()

  of(name: string): Promise<T> {
    return this.#entry(name).promise
  }

  resolve(name: string, value: T): void {
    this.#entry(name).resolve(value)
  }

  #entry(name: string) {
    const kept = this.#kept.get(name)
    if (kept) return kept
    let resolve: (value: T) => void = () => {}
    const promise = new Promise<T>((settle) => {
      resolve = settle
    })
    const entry = { promise, resolve }
    this.#kept.set(name, entry)
    return entry
  }
}

let runs = 0
/** A run of its own name, by argv or by a line of shell. */
export function run(command: string | readonly string[], more: Partial<Run> = {}): Run {
  runs += 1
  return {
    runId: `r${runs}`,
    command: typeof command === 'string' ? { shell: command } : { argv: [...command] },
    resources: none,
    env: {},
    labels: {},
    ...more,
  }
}
