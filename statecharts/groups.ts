/** Adds an item to the list under its key, which begins with its first item. */
export function pushTo<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const items = lists.get(key)
  if (items) items.push(item)
  else lists.set(key, [item])
}
