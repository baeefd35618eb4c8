/** Long lists are said in several messages, each well below what the bus carries. */

/** Half of the bus's usual limit of 1 MB: the estimate below may be off, the limit may not. */
export const maxBodyBytes = 512 * 1024

/** About how many bytes a value takes as msgpack; never much too low. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 5 + value.length * (isAscii(value) ? 1 : 3)
  if (typeof value !== 'object' || value === null) return 9
  if (Array.isArray(value)) return value.reduce<number>((size, item) => size + sizeOf(item), 5)
  if (value instanceof Uint8Array) return 5 + value.length
  let size = 5
  for (const key in value) size += sizeOf(key) + sizeOf((value as Record<string, unknown>)[key])
  return size
}

/** The items in order, in lists that are small enough for one message each; none for no items. */
export function split<Item>(
  items: readonly Item[],
  maxBytes = maxBodyBytes,
  maxItems = Number.POSITIVE_INFINITY,
): Item[][] {
  const lists: Item[][] = []
  let list: Item[] = []
  let bytes = 0
  for (const item of items) {
    const size = items.length === 1 ? 0 : sizeOf(item)
    if (list.length > 0 && (bytes + size > maxBytes || list.length >= maxItems)) {
      lists.push(list)
      list = []
      bytes = 0
    }
    list.push(item)
    bytes += size
  }
  if (list.length > 0) lists.push(list)
  return lists
}

/** A loop, for most texts are short: a regular expression takes twice as long for them. */
function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}
