/** Whose chart is looked at: everybody's, one actor's, or the life of one thing. */
import { type Living, livingThings } from '../../../../shared/trace.ts'

export type Subject =
  | { readonly of: 'all'; readonly chart: string }
  | { readonly of: 'actor'; readonly role: string; readonly id: string }
  | { readonly of: 'life'; readonly life: Living; readonly id: string }

/** Out of the page's address: `chart=master`, `actor=master m1`, `life=offer` and `id=7-O12`. */
export function subjectOf(given: Readonly<Record<string, string>>): Subject {
  const { chart = 'master', actor, life, id } = given
  const living = livingThings.find((name) => name === life)
  if (living && id) return { of: 'life', life: living, id }
  if (!actor) return { of: 'all', chart }
  const space = actor.indexOf(' ')
  return { of: 'actor', role: actor.slice(0, space), id: actor.slice(space + 1) }
}

/** The chart of a life goes by this name. */
export const chartOfLife = (life: Living): string => `${life}Life`

/** `offerLife` as people say it. */
export const chartInWords = (chart: string): string => chart.replace(/Life$/, '')
export const isLife = (chart: string): boolean => chart.endsWith('Life')

/** A step by its position, out of the address. */
export const positionIn = (written: string | undefined): number | undefined =>
  written && /^\d+$/.test(written) ? Number(written) : undefined
