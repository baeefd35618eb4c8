/** Steps in one line each, for people. */
import { type Step, stepInWords } from '../../shared/trace.ts'
import { plain } from './table.ts'

/** `12:00:01.123 master m1  offer.accept  [leading]  -> reply ok=true; say task.launch` */
export const stepLine = (step: Step): string => plain(`${timeOf(step.at)} ${stepInWords(step)}`)

/** Which steps of an actor did not reach us; its count begins anew with its process. */
export class Gaps {
  readonly #last = new Map<string, number>()

  /** How many were missed just before this one. */
  missedBefore({ role, id, n }: Step): number {
    const key = `${role} ${id}`
    const last = this.#last.get(key)
    this.#last.set(key, n)
    return last === undefined || n <= last ? 0 : n - last - 1
  }
}

function timeOf(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(11, 23)
}
