/** A replacer of `JSON.stringify`: bytes as base64, which a Buffer would write as a list of numbers. */
export function asPlainJson(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') }
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown }
  return type === 'Buffer' && Array.isArray(data) ? { base64: Buffer.from(data).toString('base64') } : value
}
