/** Sums that change all the time: amounts in place, without ports, which cannot be shared out. */
import { kinds, type Resources } from './resources.ts'

export type Tally = Omit<Resources, 'ports'>

export const newTally = (): Tally => ({ cpuMilli: 0, memMb: 0, diskMb: 0, gpus: 0 })

/** A copy that does not change: for messages. */
export const copyOf = ({ cpuMilli, memMb, diskMb, gpus, scalars }: Tally): Tally =>
  scalars ? { cpuMilli, memMb, diskMb, gpus, scalars: { ...scalars } } : { cpuMilli, memMb, diskMb, gpus }

export function count(tally: Tally, amount: Tally, sign: 1 | -1): void {
  tally.cpuMilli += sign * amount.cpuMilli
  tally.memMb += sign * amount.memMb
  tally.diskMb += sign * amount.diskMb
  tally.gpus += sign * amount.gpus
  if (amount.scalars) countScalars(tally, amount.scalars, sign)
}

/** What is named in the tally and gone is not named any more: totals of nothing are the same as none. */
function countScalars(tally: Tally, scalars: Record<string, number>, sign: 1 | -1): void {
  const counted = new Map(Object.entries(tally.scalars ?? {}))
  for (const [name, quantity] of Object.entries(scalars))
    counted.set(name, (counted.get(name) ?? 0) + sign * quantity)
  for (const [name, quantity] of counted) if (quantity === 0) counted.delete(name)
  if (counted.size > 0) tally.scalars = Object.fromEntries(counted)
  else delete tally.scalars
}

/** What `a` has more than `b`, of each kind; nothing where it has less. */
export function excess(a: Tally, b: Tally): Tally {
  const more: Tally = newTally()
  for (const kind of kinds) more[kind] = Math.max(0, a[kind] - b[kind])
  if (a.scalars) {
    const left = Object.entries(a.scalars).map(([name, quantity]) => [
      name,
      Math.max(0, quantity - scalarOf(b, name)),
    ])
    more.scalars = Object.fromEntries(left)
  }
  return more
}

/** It holds at least so much of each kind from now on. */
export function raise(tally: Tally, least: Tally): void {
  for (const kind of kinds) tally[kind] = Math.max(tally[kind], least[kind])
  for (const name in least.scalars)
    tally.scalars = { ...tally.scalars, [name]: Math.max(scalarOf(tally, name), scalarOf(least, name)) }
}

/** Whether there is anything of any kind. */
export const isSome = ({ cpuMilli, memMb, diskMb, gpus, scalars }: Tally): boolean =>
  cpuMilli > 0 ||
  memMb > 0 ||
  diskMb > 0 ||
  gpus > 0 ||
  (scalars !== undefined && Object.values(scalars).some((quantity) => quantity > 0))

/** A scalar may be named `constructor`, which every object seems to have. */
export const scalarOf = ({ scalars }: Tally, name: string): number =>
  scalars && Object.hasOwn(scalars, name) ? (scalars[name] ?? 0) : 0
