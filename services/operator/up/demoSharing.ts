/** How a cluster was shared over time: looked at again and again, and told in a few rows. */
import { setTimeout as pause } from 'node:timers/promises'
import type { FrameworkRow } from '../../../shared/messages.ts'
import { kinds, type Resources } from '../../../shared/resources.ts'
import { all, type Operator } from '../client.ts'

/** What one framework has at one moment. */
export interface Part {
  /** The largest fraction of any one resource that is booked for it, 0..1. */
  readonly share: number
  /** Tasks that are not over. */
  readonly tasks: number
}
export interface Moment {
  /** Since the first look. */
  readonly seconds: number
  readonly parts: Readonly<Record<string, Part>>
}

/** Tasks of the demonstration take some tenths of a second. */
const lookMs = 50

/** Looks until it is told to stop; resolves with what it saw. */
export async function watchSharing(operator: Operator, signal: AbortSignal): Promise<readonly Moment[]> {
  const { total } = await operator.ask('cluster.get', {})
  const begin = performance.now()
  const moments: Moment[] = []
  while (!signal.aborted) {
    const rows = await all(operator.frameworks()).catch(() => [])
    const parts = Object.fromEntries(rows.map((row) => [row.name, partOf(row, total)]))
    moments.push({ seconds: (performance.now() - begin) / 1000, parts })
    await pause(lookMs, undefined, { signal }).catch(() => {})
  }
  return moments
}

function partOf({ booked, tasks }: FrameworkRow, total: Resources): Part {
  const fractions = kinds.map((kind) => (total[kind] > 0 ? booked[kind] / total[kind] : 0))
  return { share: Math.max(...fractions), tasks }
}

/** The same in at most so many rows: the average of what was seen in each span, at the span's end. */
export function inRows(moments: readonly Moment[], names: readonly string[], rows: number): Moment[] {
  const length = Math.max(1, Math.ceil(moments.length / rows))
  const spans: Moment[] = []
  for (let from = 0; from < moments.length; from += length) {
    const span = moments.slice(from, from + length)
    const parts = names.map((name) => [name, average(span.map((moment) => moment.parts[name]))])
    spans.push({ seconds: span.at(-1)?.seconds ?? 0, parts: Object.fromEntries(parts) })
  }
  return spans
}

function average(parts: readonly (Part | undefined)[]): Part {
  const mean = (of: (part: Part) => number) =>
    parts.reduce((sum, part) => sum + (part ? of(part) : 0), 0) / parts.length
  return { share: mean((part) => part.share), tasks: mean((part) => part.tasks) }
}
