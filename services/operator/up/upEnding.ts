/** What ends `proffer up` before its time: a signal, a reader that has gone, or a part of the cluster. */
import { Failure } from '../failure.ts'
import { tell } from '../table.ts'

/** Somebody wanted it to end; nothing is to be said of it. */
export class Interrupted extends Failure {
  constructor(exitCode: number) {
    super('', exitCode)
  }
}

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
const brokenPipe = 141

/**
 * Does it with a signal that aborts when all is to end. A process signal that comes again changes nothing: npm and
 * the terminal may both send it.
 */
export async function untilEnded(work: (ending: AbortController) => Promise<void>): Promise<void> {
  const ending = new AbortController()
  const interrupt = (signal: keyof typeof signals) => {
    if (!ending.signal.aborted) tell(`${signal}: stopping`)
    ending.abort(new Interrupted(signals[signal]))
  }
  const names = Object.keys(signals) as (keyof typeof signals)[]
  for (const name of names) process.on(name, interrupt)
  for (const stream of [process.stdout, process.stderr]) {
    // Whoever listened before would exit at once, and leave everything behind.
    stream.removeAllListeners('error').on('error', () => ending.abort(new Interrupted(brokenPipe)))
  }
  try {
    await work(ending)
    // What was written at the very end may not have been read.
    ending.signal.throwIfAborted()
  } catch (error) {
    // What breaks because all is to end is no failure.
    throw ending.signal.reason instanceof Interrupted ? ending.signal.reason : error
  } finally {
    for (const name of names) process.off(name, interrupt)
  }
}

/** Rejects with the signal's reason when it aborts. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
