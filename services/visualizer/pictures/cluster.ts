/** Slaves as a grid, and frameworks by their shares. */
import { asHeld, type Held, type Holds, largestPart } from '../chronicle/held.ts'
import type { Thing } from '../chronicle/things.ts'
import {
  type ClusterAsked,
  type ClusterPicture,
  type FrameworkShown,
  type Owner,
  type Part,
  slaveStates,
} from '../language.ts'
import type { Moment } from '../moment.ts'
import { fairnessOf } from './fairness.ts'
import { ownersOf, slavesOf } from './parts.ts'

/** Of up to so many slaves it is said who holds how much of each. */
const detailed = 2000
const nobody = 255
/** Owners from this number on share it. */
const lastOwner = 254
const bytesEach = 4

export function cluster(moment: Moment, { search, knows }: ClusterAsked): ClusterPicture {
  const owners = ownersOf(moment)
  const numbers = new Map(owners.map(({ frameworkId }, number) => [frameworkId, number]))
  const slaves = slavesOf(moment, search)
  const roster = rosterOf(slaves)
  return {
    roster,
    ...(knows !== roster && {
      names: slaves.map((slave) => ({ slaveId: slave.id, name: nameOf(moment, slave) })),
    }),
    owners,
    cells: Buffer.from(cellsOf(moment, slaves, numbers)).toString('base64'),
    ...(slaves.length <= detailed && { parts: slaves.map((slave) => partsOf(moment, slave, numbers)) }),
    frameworks: frameworksOf(moment, owners),
  }
}

const nameOf = ({ world }: Moment, slave: Thing): string => world.traits(slave).name ?? slave.id
const wholeOf = ({ world }: Moment, slave: Thing): Held => {
  const { resources } = world.traits(slave)
  return resources ? asHeld(resources) : [0, 0, 0, 0]
}

/** The same for the same slaves in the same order. */
function rosterOf(slaves: readonly Thing[]): number {
  let sum = slaves.length
  for (const { index } of slaves) sum = (Math.imul(sum, 31) + index + 1) >>> 0
  return sum
}

function cellsOf(moment: Moment, slaves: readonly Thing[], numbers: ReadonlyMap<string, number>): Uint8Array {
  const cells = new Uint8Array(slaves.length * bytesEach)
  slaves.forEach((slave, i) => {
    const { owner, booked, offered } = heldOf(moment, slave, numbers)
    const state = slaveStates.indexOf(moment.world.state(slave) as (typeof slaveStates)[number])
    cells.set([Math.max(0, state), owner, Math.round(booked * 255), Math.round(offered * 255)], i * bytesEach)
  })
  return cells
}

function heldOf(moment: Moment, slave: Thing, numbers: ReadonlyMap<string, number>) {
  const whole = wholeOf(moment, slave)
  const sums = { booked: [0, 0, 0, 0] as Held, offered: [0, 0, 0, 0] as Held }
  let owner = nobody
  let most = 0
  for (const [frameworkId, holds] of moment.world.slaves.get(slave.id) ?? []) {
    for (const as of ['booked', 'offered'] as const)
      holds[as].forEach((amount, kind) => {
        sums[as][kind] = (sums[as][kind] ?? 0) + amount
      })
    const part = largestPart(holds.booked, whole)
    if (part > most) [most, owner] = [part, Math.min(numbers.get(frameworkId) ?? lastOwner, lastOwner)]
  }
  return {
    owner,
    booked: Math.min(1, largestPart(sums.booked, whole)),
    offered: Math.min(1, largestPart(sums.offered, whole)),
  }
}

function partsOf(moment: Moment, slave: Thing, numbers: ReadonlyMap<string, number>): Part[] {
  const whole = wholeOf(moment, slave)
  const parts: Part[] = []
  for (const [frameworkId, holds] of moment.world.slaves.get(slave.id) ?? []) {
    const owner = numbers.get(frameworkId)
    if (owner !== undefined) parts.push(...partsOfOne(holds, owner, whole))
  }
  return parts
}

/** What is booked, of that what is revocable, and what is offered. */
function partsOfOne({ booked, revocable, offered }: Holds, owner: number, whole: Held): Part[] {
  const going = largestPart(revocable, whole)
  const parts = [
    { owner, fraction: Math.max(0, largestPart(booked, whole) - going), as: 'booked' as const },
    { owner, fraction: going, as: 'revocable' as const },
    { owner, fraction: largestPart(offered, whole), as: 'offered' as const },
  ]
  return parts.filter(({ fraction }) => fraction > 0)
}

function frameworksOf(moment: Moment, owners: readonly Owner[]): FrameworkShown[] {
  const { chronicle, world } = moment
  const fairness = fairnessOf(moment)
  return owners.map((owner, number) => {
    const thing = chronicle.things.get('framework', owner.frameworkId)
    const holds = world.frameworks.get(owner.frameworkId)
    return {
      ...owner,
      owner: number,
      state: thing ? world.state(thing) : '',
      roles: (thing && world.traits(thing).roles) ?? [],
      share: holds ? largestPart(holds.booked, world.total) : 0,
      ...fairness(owner.frameworkId),
      tasks: holds?.tasks ?? 0,
      offers: holds?.offers ?? 0,
    }
  })
}
