/**
 * Remembers a value, of the latest so many. The oldest go many at a time: taking the first of a map alone would walk
 * past the holes of all that went before it, again for each.
 */
export function remember<Key, Value>(memory: Map<Key, Value>, key: Key, value: Value, most: number): void {
  memory.delete(key)
  memory.set(key, value)
  if (memory.size <= 2 * most) return
  for (const oldest of memory.keys()) {
    if (memory.size <= most) break
    memory.delete(oldest)
  }
}
