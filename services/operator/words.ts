/** Amounts and times as people say them. */
import { counted } from '../../shared/counted.ts'
import { countPorts, type Resources } from '../../shared/resources.ts'
import type { Quota } from '../../shared/roles.ts'
import { plain } from './plain.ts'

export const cpus = (milli: number): string => `${milli / 1000}`

/** MiB as people say it. */
export function memory(mb: number): string {
  if (mb < 1024) return `${mb} MiB`
  const [amount, unit] = mb < 1024 * 1024 ? [mb / 1024, 'GiB'] : [mb / 1024 / 1024, 'TiB']
  return `${Number(amount.toFixed(1))} ${unit}`
}

/** In one line, leaving out what is none. */
export function amounts({ ports, ...others }: Resources): string {
  const count = countPorts(ports)
  const parts = [quotaInWords(some(others)), count > 0 && counted(count, 'port')]
  return parts.filter(Boolean).join(', ') || 'nothing'
}

/** Without what is none. */
export function some({ scalars = {}, ...others }: Quota): Quota {
  const left = (amounts: object) =>
    Object.fromEntries(Object.entries(amounts).filter(([, quantity]) => quantity !== 0))
  return { ...left(others), scalars: left(scalars) }
}

/** In one line, leaving out what it does not speak of. */
export function quotaInWords({ cpuMilli, memMb, diskMb, gpus, scalars = {} }: Quota): string {
  const parts = [
    cpuMilli !== undefined && `${cpus(cpuMilli)} CPU`,
    memMb !== undefined && memory(memMb),
    diskMb !== undefined && `${memory(diskMb)} of disk`,
    gpus !== undefined && `${gpus} GPU`,
  ]
  return [...parts.filter((part) => part !== false), ...scalarsInWords(scalars)].join(', ')
}

const scalarsInWords = (scalars: Readonly<Record<string, number>>): string[] =>
  Object.entries(scalars).map(([name, quantity]) => `${plain(name)} ${quantity / 1000}`)

const spans = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const

/** `2h 5m`: the two largest units of a span. */
export function span(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000))
  const at = spans.findIndex(([, size]) => whole >= size)
  const [unit, size] = spans[at] ?? spans[3]
  const rest = spans[at + 1]
  const more = rest ? Math.floor((whole % size) / rest[1]) : 0
  const second = rest && more > 0 ? ` ${more}${rest[0]}` : ''
  return `${Math.floor(whole / size)}${unit}${second}`
}

/** How long ago; the clocks of two machines may differ by a little. */
export const ago = (at: number): string => span(Date.now() - at)

export const percent = (part: number): string => `${(part * 100).toFixed(1)} %`
