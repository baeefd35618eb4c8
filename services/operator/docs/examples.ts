/** Examples out of schemas: the smallest message that is valid, with values that mean something. */

/** As much of JSON schema as our messages are made of. */
export interface Schema {
  readonly type?: string
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly enum?: readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly const?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema | readonly Schema[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
}

/** The door from TypeBox: its types say more than is needed here. */
export const readSchema = (schema: object): Schema => schema

/** Opaque bytes are the one thing that JSON schema has no type for. */
export const isBytes = (schema: Schema): boolean => Object.hasOwn(schema, '~refine')

/** The schema's own first example, else one of what it requires. */
export function exampleOf(schema: Schema): unknown {
  if (schema.examples) return schema.examples[0]
  if (isBytes(schema)) return new TextEncoder().encode('hello')
  if (schema.type === 'array') return itemsOf(schema).map(exampleOf)
  const { properties = {}, required = [] } = schema
  const fields = required.map((name) => [name, exampleOf(properties[name] ?? {})])
  if (schema.type === 'object') return Object.fromEntries(fields)
  throw new Error(`there is no example of ${JSON.stringify(schema)}`)
}

const lineWidth = 110

/**
 * An example as JSON, laid out as the formatter would: `before` is how much stands before it on its line. Bytes
 * cannot be shown and are written in base64.
 */
export function asJson(value: unknown, indent = '', before = 0): string {
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const items = Object.entries(value).map(([name, item]) => {
    const key = Array.isArray(value) ? '' : `${JSON.stringify(name)}: `
    return key + asJson(item, `${indent}  `, indent.length + 2 + key.length)
  })
  const [open, space, close] = Array.isArray(value) ? ['[', '', ']'] : ['{', ' ', '}']
  if (items.length === 0) return open + close
  const line = `${open}${space}${items.join(', ')}${space}${close}`
  if (!line.includes('\n') && before + line.length < lineWidth) return line
  return `${open}\n${indent}  ${items.join(`,\n${indent}  `)}\n${indent}${close}`
}

const itemsOf = ({ items = [] }: Schema): readonly Schema[] =>
  Array.isArray(items) ? items : [items as Schema]
