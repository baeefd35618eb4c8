/** Two machines side by side, from one configuration to the next, whatever is heard and whatever the guards say. */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createMachine,
  initialTransition,
  transition,
} from 'xstate'
import { arrowsOf, namesOf } from './xstateArrows.ts'

/** As Stately's own inspector writes a machine down: functions are their names. What makes the ledger is left out. */
export function withNames({ config }: AnyStateMachine): AnyStateMachine {
  const { context: _, ...chart } = config
  const nameOf = (_: string, value: unknown) => (typeof value === 'function' ? { type: value.name } : value)
  return createMachine(JSON.parse(JSON.stringify(chart, nameOf)))
}

export interface Seen {
  readonly when: string
  readonly value: unknown
  readonly status: string
  readonly actions: readonly string[]
}

/** All that the machine does, from every configuration that it can come to, in an order that its states alone decide. */
export function walk(machine: AnyStateMachine): Seen[] {
  const arrows = arrowsOf(machine)
  const guards = [...new Set(arrows.flatMap(({ guard }) => guard ?? []))]
  const holding = new Set<string>()
  const run = machine.provide({
    guards: Object.fromEntries(guards.map((guard) => [guard, () => holding.has(guard)])),
    delays: { patience: 1 },
  })
  const seen: Seen[] = []
  const reached = new Map<string, AnyMachineSnapshot>()
  const look = (when: string, [next, actions]: readonly [AnyMachineSnapshot, readonly unknown[]]) => {
    seen.push({ when, value: next.value, status: next.status, actions: namesOf(actions) })
    const where = JSON.stringify(next.value)
    if (!reached.has(where)) reached.set(where, next)
  }
  look('', initialTransition(run))
  for (const [where, snapshot] of reached)
    for (const event of [...new Set(arrows.map((arrow) => arrow.event))].map(anyLike))
      for (const truths of subsets(guardsFor(event, arrows))) {
        holding.clear()
        for (const guard of truths) holding.add(guard)
        if (snapshot.status !== 'active') continue
        look(`${where} ${event} ${truths}`, transition(run, snapshot, { type: event }))
      }
  return seen
}

/** An event that such a transition hears. */
const anyLike = (descriptor: string): string =>
  descriptor === '' ? 'nothing' : descriptor.replace(/\*$/, 'nonsense')

const guardsFor = (event: string, arrows: ReturnType<typeof arrowsOf>): string[] => {
  const asked = arrows.filter((arrow) => arrow.event === event || arrow.event === '')
  return [...new Set(asked.flatMap(({ guard }) => guard ?? []))]
}

function subsets([item, ...rest]: readonly string[]): string[][] {
  if (item === undefined) return [[]]
  return subsets(rest).flatMap((set) => [set, [item, ...set]])
}
