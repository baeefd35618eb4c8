/** Steps in one line each, for people. */
import type { Step } from '../../shared/trace.ts'
import { plain } from './table.ts'

/** `12:00:01.123 master/m1 offer.accept: leading -> leading, reply yes, say task.launch` */
export function stepLine(step: Step): string {
  const { at, role, id, heard, before, after, effects } = step
  const moved = before === after ? before : `${before} -> ${after}`
  const short = effectsInShort(effects)
  return plain(`${timeOf(at)} ${role}/${id} ${heard.type}: ${moved}${short && `, ${short}`}`)
}

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

function effectsInShort(effects: Step['effects']): string {
  const counts = new Map<string, number>()
  for (const effect of effects) {
    const short = effectInShort(effect)
    counts.set(short, (counts.get(short) ?? 0) + 1)
  }
  return [...counts].map(([short, count]) => (count > 1 ? `${short} x${count}` : short)).join(', ')
}

type Effect = Step['effects'][number] & { readonly [field: string]: unknown }

/** What an effect is about, where its kind alone does not say it. */
const about: Readonly<Record<string, (effect: Effect) => unknown>> = {
  say: ({ type }) => type,
  ask: ({ type }) => type,
  wake: ({ name }) => name,
  reply: ({ answer }) => ((answer as { ok?: boolean })?.ok ? 'yes' : (answer as { code?: string })?.code),
  refused: ({ code }) => code,
  note: ({ message }) => `"${message}"`,
  lease: ({ op }) => op,
  run: ({ run }) => (run as { runId?: string })?.runId,
  stop: ({ runId }) => runId,
  tell: ({ news }) => (news as { news?: string })?.news,
}

function effectInShort(effect: Effect): string {
  const what = about[effect.do]?.(effect)
  return what === undefined ? effect.do : `${effect.do} ${String(what)}`
}

function timeOf(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(11, 23)
}
