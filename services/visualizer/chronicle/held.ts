/** How much somebody holds of something. */
import type { Resources } from '../../../shared/resources.ts'
import type { Living, Traits } from '../../../shared/trace.ts'
import { isOver } from './things.ts'

/** As [cpuMilli, memMb, diskMb, gpus]. */
export type Held = [number, number, number, number]
/** What one framework holds, of one slave or of all. Revocable tasks are booked, too. */
export interface Holds {
  readonly booked: Held
  readonly offered: Held
  readonly revocable: Held
  tasks: number
  offers: number
}
export type HoldsByFramework = Map<string, Holds>

export const nothing = (): Held => [0, 0, 0, 0]
export const asHeld = ({ cpuMilli, memMb, diskMb, gpus }: Resources): Held => [cpuMilli, memMb, diskMb, gpus]

export function addTo(held: Held, { cpuMilli, memMb, diskMb, gpus }: Resources, sign: 1 | -1): void {
  held[0] += sign * cpuMilli
  held[1] += sign * memMb
  held[2] += sign * diskMb
  held[3] += sign * gpus
}

/** A task or an offer in a state, put into these books or taken out of them. */
export function holdIn(books: HoldsByFramework, life: Living, traits: Traits, sign: 1 | -1): void {
  const { frameworkId = '', resources, revocable } = traits
  if (!resources) return
  const holds = books.get(frameworkId) ?? newHolds()
  books.set(frameworkId, holds)
  if (life === 'offer') {
    addTo(holds.offered, resources, sign)
    holds.offers += sign
    return
  }
  addTo(holds.booked, resources, sign)
  if (revocable) addTo(holds.revocable, resources, sign)
  holds.tasks += sign
}

/** Whether a thing in this state holds anything. */
export const isHolding = (life: Living, state: string, traits: Traits): boolean =>
  state !== '' && traits.resources !== undefined && !isOver(life, state)

export const copyOfBooks = (books: HoldsByFramework): HoldsByFramework =>
  new Map([...books].map(([id, holds]) => [id, copyOfHolds(holds)]))

/** The largest fraction of any one resource, 0..1. */
export function largestPart(held: Held, whole: Held): number {
  let most = 0
  for (let kind = 0; kind < held.length; kind++) {
    const of = whole[kind] ?? 0
    if (of > 0) most = Math.max(most, (held[kind] ?? 0) / of)
  }
  return most
}

const newHolds = (): Holds => ({
  booked: nothing(),
  offered: nothing(),
  revocable: nothing(),
  tasks: 0,
  offers: 0,
})
const copyOfHolds = ({ booked, offered, revocable, tasks, offers }: Holds): Holds => ({
  booked: [...booked],
  offered: [...offered],
  revocable: [...revocable],
  tasks,
  offers,
})
