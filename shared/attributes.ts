/** What a slave says of itself, and what a framework asks of that before it is offered anything of the slave. */
import Type from 'typebox'
import { ByName } from './resources.ts'
import { maxNameLength } from './tasks.ts'

/** An attribute of a slave, such as a rack. */
export const Attributes = ByName(128, Type.String({ maxLength: maxNameLength }), {
  description: 'what a slave says of itself',
  examples: [{ rack: 'r1' }],
})
export type Attributes = Type.Static<typeof Attributes>

const maxValues = 1000
const Value = Type.String({ maxLength: maxNameLength, description: 'the value itself', examples: ['r1'] })

export const AttributeRule = Type.Union(
  [
    Value,
    Type.Object({
      exists: Type.Boolean({ description: 'whether the slave has it at all', examples: [true] }),
    }),
    Type.Object({
      oneOf: Type.Array(Value, {
        maxItems: maxValues,
        description: 'any of these',
        examples: [['r1', 'r2']],
      }),
    }),
    Type.Object({
      pattern: Type.String({
        maxLength: maxNameLength,
        description: 'the whole value, where `*` stands for any letters and `?` for one',
        examples: ['rack-*'],
      }),
    }),
  ],
  { description: 'what an attribute must be', examples: ['r1', { exists: true }, { oneOf: ['r1', 'r2'] }] },
)
export type AttributeRule = Type.Static<typeof AttributeRule>

export const AttributeRules = ByName(128, AttributeRule, {
  description: 'what each of these attributes must be',
  examples: [{ rack: 'r1', zone: { oneOf: ['a', 'b'] } }],
})
export type AttributeRules = Type.Static<typeof AttributeRules>

/** The first attribute that is not as it must be; undefined when all are. */
export function unmetRule(attributes: Attributes, rules: AttributeRules): string | undefined {
  for (const name in rules) {
    const rule = rules[name]
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined
    if (rule !== undefined && !meets(value, rule)) return name
  }
  return undefined
}

function meets(value: string | undefined, rule: AttributeRule): boolean {
  if (typeof rule === 'string') return value === rule
  if ('exists' in rule) return (value !== undefined) === rule.exists
  if (value === undefined) return false
  return 'oneOf' in rule ? rule.oneOf.includes(value) : matches(value, rule.pattern)
}

/** A pattern, in words. */
export function ruleInWords(name: string, rule: AttributeRule): string {
  if (typeof rule === 'string') return `${name} is ${rule}`
  if ('exists' in rule) return rule.exists ? `it has ${name}` : `it has no ${name}`
  return 'oneOf' in rule ? `${name} is one of ${rule.oneOf.join(', ')}` : `${name} is like ${rule.pattern}`
}

/**
 * Whether all of the value is as the pattern says. It goes back to the last `*` alone, so a stranger's pattern costs no
 * more than the product of both lengths, whatever it is.
 */
export function matches(value: string, pattern: string): boolean {
  let [at, read, star, retry] = [0, 0, -1, 0]
  while (at < value.length) {
    if (pattern[read] === '*') {
      star = read++
      retry = at
    } else if (pattern[read] === '?' || pattern[read] === value[at]) {
      read++
      at++
    } else if (star >= 0) {
      read = star + 1
      at = ++retry
    } else return false
  }
  while (pattern[read] === '*') read++
  return read === pattern.length
}
