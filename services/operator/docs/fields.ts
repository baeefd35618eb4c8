/** The fields of a message as Markdown tables, out of its schema. */
import { Filters, HeldExecutor, HeldTask, Offer } from '../../../shared/messages.ts'
import { PortRange, Resources } from '../../../shared/resources.ts'
import { Command, Container, ExecutorSpec, reasons, Status, Task, taskStates } from '../../../shared/tasks.ts'
import { markdownTable } from '../../../statecharts/tables.ts'
import { isBytes, readSchema, type Schema } from './examples.ts'

/** Shapes that several messages carry: described once, under their names. */
export const shapes: Readonly<Record<string, Schema>> = {
  Resources: readSchema(Resources),
  Offer: readSchema(Offer),
  Filters: readSchema(Filters),
  Task: readSchema(Task),
  Command: readSchema(Command),
  Container: readSchema(Container),
  ExecutorSpec: readSchema(ExecutorSpec),
  Status: readSchema(Status),
  HeldTask: readSchema(HeldTask),
  HeldExecutor: readSchema(HeldExecutor),
}

/** One row for each field; those of a map that has no name of its own follow it, as `acks[].seq`. */
export function fieldTable(schema: Schema): string {
  const rows = rowsOf(schema, '')
  if (rows.length === 0) return 'It carries nothing: an empty map.\n'
  return markdownTable(['field', 'type', 'required', 'meaning', 'bounds'], rows)
}

function rowsOf(schema: Schema, path: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const own = `${path}${name}`
    const required = schema.required?.includes(name) ? 'yes' : 'no'
    const row = [`\`${own}\``, typeOf(field), required, meaningOf(field), boundsOf(field)]
    return [row, ...within(field, own)]
  })
}

function within(field: Schema, path: string): string[][] {
  if (shapeName(field)) return []
  if (field.type === 'object') return rowsOf(field, `${path}.`)
  const item = itemOf(field)
  return item && !shapeName(item) ? rowsOf(item, `${path}[].`) : []
}

/** What a shape means stands where it is described. */
function meaningOf({ description = '', ...schema }: Schema): string {
  const shape = shapes[shapeName(schema) ?? '']
  return description === shape?.description ? '' : description
}

function typeOf(schema: Schema): string {
  const name = shapeName(schema)
  if (name) return `[${name}](#${name.toLowerCase()})`
  if (isBytes(schema)) return 'bytes'
  if (isSame(schema.enum, taskStates)) return '[task state](#task-states)'
  if (isSame(schema.enum, reasons)) return '[reason](#reasons)'
  if (isSame(schema, PortRange)) return '[first, last]'
  if (schema.anyOf) return schema.anyOf.map((one) => `\`${one.const}\``).join(' or ')
  if (schema.type === 'array') return `list of ${typeOf(itemOf(schema) ?? {})}`
  if (schema.patternProperties) return `map of ${typeOf(valuesOf(schema) ?? {})} by name`
  return plain[schema.type ?? ''] ?? 'anything'
}

const plain: Readonly<Record<string, string>> = {
  object: 'map',
  string: 'text',
  boolean: 'true or false',
  integer: 'integer',
  number: 'number',
}

function boundsOf(schema: Schema): string {
  if (shapeName(schema)) return ''
  const inner = valuesOf(schema) ?? itemOf(schema)
  const own = [
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' items'),
    ...(schema.pattern ? [`matches \`${schema.pattern}\``] : []),
    ...Object.keys(schema.patternProperties ?? {}).map(keysInWords),
  ].filter(Boolean)
  const each = inner && !isSame(inner, PortRange) ? boundsOf(inner) : ''
  return [...own, ...(each ? [`each ${each}`] : [])].join('; ')
}

function range(min: number | undefined, max: number | undefined, unit: string): string {
  if (min === undefined && max === undefined) return ''
  if (max === undefined) return `at least ${min}${unit}`
  return min === undefined ? `at most ${max}${unit}` : `${min} to ${max}${unit}`
}

const anyText = /^\^\[\\s\\S\]\{(\d+),(\d+)\}\$$/
function keysInWords(pattern: string): string {
  const [, min, max] = anyText.exec(pattern) ?? []
  if (min && max) return `names of ${min} to ${max} characters`
  return pattern === '^.*$' ? '' : `names match \`${pattern}\``
}

/** A shape is known by its fields: `Type.Optional` copies a schema, and a sum of resources has other bounds. */
const shapeName = (schema: Schema): string | undefined =>
  schema.properties && Object.keys(shapes).find((name) => isSame(fieldsOf(shapes[name]), fieldsOf(schema)))
const fieldsOf = (schema: Schema | undefined) => Object.keys(schema?.properties ?? {})

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
const itemOf = ({ items }: Schema): Schema | undefined =>
  Array.isArray(items) ? undefined : (items as Schema)
const valuesOf = ({ patternProperties = {} }: Schema): Schema | undefined =>
  Object.values(patternProperties)[0]
