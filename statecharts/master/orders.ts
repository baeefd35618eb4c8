/** The first rows in some order, for people who look again and again: only those are put in order, of however many. */
import type { FrameworkOrder, SlaveOrder, TaskOrder } from '../../shared/messages.ts'
import { kinds } from '../../shared/resources.ts'
import { split } from '../../shared/split.ts'
import type { Tally } from '../../shared/tally.ts'
import { Heap } from '../heap.ts'
import { drf } from './allocator/drf.ts'
import type { Framework, Master, Slave, Task } from './ledger.ts'
import type { Page } from './pages.ts'
import { wholeOf } from './whole.ts'

const mostRows = 200

/** By these the highest comes first. */
export const slaveRanks: Readonly<Record<SlaveOrder, (slave: Slave) => number>> = {
  fullest: ({ booked, total }) => largestPart(booked, total),
  tasks: ({ tasks }) => tasks.size,
}
export const frameworkRanks: Readonly<
  Record<FrameworkOrder, (framework: Framework, master: Master) => number>
> = {
  share: (framework, { total }) => drf.measure(wholeOf(framework), total),
  tasks: ({ tasks }) => tasks.size,
  offers: ({ offers }) => offers.size,
}
export const taskRanks: Readonly<Record<TaskOrder, (task: Task, master: Master) => number>> = {
  newest: ({ launchedAt }) => launchedAt,
  oldest: ({ launchedAt }) => -launchedAt,
  largest: ({ spec }, { total }) => largestPart(spec.resources, total),
}

/** All are looked at; nothing comes behind this page. */
export function first<Thing, Row>(
  all: Iterable<Thing>,
  rankOf: (thing: Thing) => number,
  rowOf: (thing: Thing) => Row,
  limit = mostRows,
): Page<Row> {
  const wanted = Math.min(limit, mostRows)
  const kept = new Heap<{ readonly at: number; readonly thing: Thing }>()
  let looks = 0
  for (const thing of all) {
    looks++
    const at = rankOf(thing)
    if (kept.size < wanted) kept.push({ at, thing })
    else if (at > (kept.peek()?.at ?? at)) {
      takeLeast(kept)
      kept.push({ at, thing })
    }
  }
  const found: Row[] = []
  for (let least = takeLeast(kept); least; least = takeLeast(kept)) found.unshift(rowOf(least.thing))
  const [rows = []] = split(found)
  return { rows, next: {}, looks }
}

const takeLeast = <Item extends { readonly at: number }>(kept: Heap<Item>): Item | undefined =>
  kept.popDue(Number.POSITIVE_INFINITY)

/** Of the kind of which it is the largest part of all. Written out as a loop: it is asked of 100,000 tasks. */
function largestPart(held: Tally, all: Tally): number {
  let largest = 0
  for (const kind of kinds) if (all[kind] > 0) largest = Math.max(largest, held[kind] / all[kind])
  return largest
}
