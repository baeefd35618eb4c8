/** What a framework is owed by its roles, as the leader last said of them. */
import { type Held, largestPart, nothing } from '../chronicle/held.ts'
import type { Moment } from '../moment.ts'

export interface Owed {
  readonly fair?: number
  readonly guaranteed?: number
}

/** A role's due goes in equal parts to the frameworks that are in it. Nothing is said of what is not known. */
export function fairnessOf({ chronicle, world, roles }: Moment): (frameworkId: string) => Owed {
  const rows = new Map(roles.map((row) => [row.role, row]))
  return (frameworkId) => {
    const thing = chronicle.things.get('framework', frameworkId)
    const own = ((thing && world.traits(thing).roles) ?? []).flatMap((role) => rows.get(role) ?? [])
    if (own.length === 0) return {}
    const guarantees = own.flatMap(({ guarantee, frameworks }) =>
      guarantee ? [largestPart(amountsOf(guarantee), world.total) / Math.max(1, frameworks)] : [],
    )
    return {
      fair: sum(own.map(({ fairShare, frameworks }) => fairShare / Math.max(1, frameworks))),
      ...(guarantees.length > 0 && { guaranteed: sum(guarantees) }),
    }
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)

function amountsOf(quota: Readonly<Record<string, unknown>>): Held {
  const held = nothing()
  const kinds = ['cpuMilli', 'memMb', 'diskMb', 'gpus'] as const
  kinds.forEach((kind, i) => {
    const amount = quota[kind]
    held[i] = typeof amount === 'number' ? amount : 0
  })
  return held
}
