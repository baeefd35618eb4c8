/** What XState itself makes of a machine: every state and every arrow of it, with names in place of functions. */
import type { AnyStateMachine, AnyStateNode } from 'xstate'

export interface Arrow {
  /** Names from the chart down, which has none itself. */
  readonly from: string
  readonly event: string
  readonly guard: string | undefined
  readonly actions: readonly string[]
  readonly to: string | undefined
  readonly reenter: boolean
}

export const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states as Record<string, AnyStateNode>).flatMap(nodesOf),
]
export const pathOf = (node: AnyStateNode): string => node.path.join('/')

/** The chart itself has no name in a path. */
export const isWithin = (path: string | undefined, around: string): boolean =>
  path !== undefined && (around === '' ? path !== '' : path.startsWith(`${around}/`))

export const arrowsOf = (machine: AnyStateMachine): Arrow[] =>
  nodesOf(machine.root).flatMap((node) =>
    [...node.transitions.values(), node.always ?? []].flat().map((transition) => ({
      from: pathOf(node),
      event: transition.eventType,
      guard: nameOf(transition.guard),
      actions: namesOf(transition.actions),
      to: transition.target?.[0] && pathOf(transition.target[0]),
      reenter: transition.reenter,
    })),
  )

export const namesOf = (actions: readonly unknown[]): string[] =>
  actions.flatMap((action) => nameOf(action) ?? []).filter((name) => name !== 'ignore')

export function nameOf(named: unknown): string | undefined {
  if (typeof named === 'string') return named
  if (typeof named === 'function') return named.name
  return (named as { type?: string } | undefined)?.type
}
