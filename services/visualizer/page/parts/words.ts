/** Times, counts and amounts as the page writes them; amounts are in the words of the command line. */
import { nounFor } from '../../../../shared/counted.ts'

export { amounts, memory, percent, span } from '../../../operator/words.ts'

const two = (value: number) => `${value}`.padStart(2, '0')

/** `14:03:21.042`, by the reader's own clock on the wall. */
export function clockTime(at: number): string {
  const time = new Date(at)
  const day = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')
  return `${day}.${`${time.getMilliseconds()}`.padStart(3, '0')}`
}

/** `2026-03-01 14:03:21.042`. */
export function dayTime(at: number): string {
  const time = new Date(at)
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clockTime(at)}`
}

/** As short as tells it: `0.4 ms`, `12 ms`, `1.25 s`, `3m 4s`. */
export function shortSpan(ms: number): string {
  if (ms < 1) return `${Number(ms.toFixed(1))} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(2))} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`
  return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`
}

/** `12,345`, whatever the reader's language: digits stand in groups, as in the rest of the page. */
export const grouped = (count: number): string => `${count}`.replace(/\B(?=(\d{3})+$)/g, ',')

/** Four letters at the most: `950`, `12k`, `3.4M`. */
export function shortCount(count: number): string {
  if (count < 10_000) return grouped(count)
  const [value, unit] = count < 1_000_000 ? [count / 1000, 'k'] : [count / 1_000_000, 'M']
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)}${unit}`
}

/** `1 task`, `12 tasks`. */
export const counted = (count: number, noun: string): string => `${grouped(count)} ${nounFor(count, noun)}`

/** `37 %`, and tenths where they tell something: `0.4 %`. */
export function shortPercent(part: number): string {
  const value = part * 100
  return `${value > 0 && value < 9.95 ? Number(value.toFixed(1)) : Math.round(value)} %`
}
