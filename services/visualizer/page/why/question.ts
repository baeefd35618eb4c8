/** The question as it stands in the address, and as it is asked. */
import type { Question } from '../../language.ts'

export interface Asked {
  readonly framework?: string
  readonly role?: string
  readonly cpus?: string
  readonly mem?: string
  readonly disk?: string
  readonly gpus?: string
  readonly attributes?: string
}
export const amountNames = ['cpus', 'mem', 'disk', 'gpus'] as const

export type Why = Extract<Question, { about: 'why' }>

/** Nothing where it says of no framework. Without any amount it is asked for whatever would be offered. */
export function questionOf(asked: Asked): Why | undefined {
  const { framework, role, attributes } = asked
  if (!framework) return undefined
  const resources = amountNames.flatMap((name) => (asked[name] ? [`${name}:${asked[name]}`] : [])).join(';')
  return {
    about: 'why',
    frameworkId: framework,
    ...(role && { role }),
    ...(resources && { resources }),
    ...(attributes && { attributes }),
  }
}
