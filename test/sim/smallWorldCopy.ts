/** Copies of a whole world, and a name for each: two worlds of the same name have the same future. */
import { createHash } from 'node:crypto'

/** What is never written to is shared by all copies. */
const constant = new Set([
  'settings',
  'policy',
  'body',
  'spec',
  'answer',
  'identity',
  'attributes',
  'scenario',
])
/** What nobody decides by. */
const idle = new Set([
  ...constant,
  ...['told', 'since', 'electedAt', 'startedAt', 'now', 'looked', 'latest', 'tasksIn', 'offersEnded'],
])
const decisive = new Set(['body', 'answer'])

/** A deep copy in which whatever was one thing is one thing again. */
export function copied<Thing>(thing: Thing): Thing {
  return copy(thing, new Map()) as Thing
}

function copy(thing: unknown, seen: Map<object, object>): unknown {
  if (typeof thing !== 'object' || thing === null) return thing
  return seen.get(thing) ?? copyOf(thing, seen)
}

function copyOf(thing: object, seen: Map<object, object>): object {
  if (Array.isArray(thing)) {
    const items: unknown[] = []
    seen.set(thing, items)
    for (const item of thing) items.push(copy(item, seen))
    return items
  }
  if (thing instanceof Map) {
    const map = new (thing.constructor as MapConstructor)<unknown, unknown>()
    seen.set(thing, map)
    for (const [key, value] of thing) map.set(copy(key, seen), copy(value, seen))
    return map
  }
  if (thing instanceof Set) {
    const set = new Set<unknown>()
    seen.set(thing, set)
    for (const item of thing) set.add(copy(item, seen))
    return set
  }
  if (thing instanceof Uint32Array) {
    const words = thing.slice()
    seen.set(thing, words)
    return words
  }
  const fields: Record<string, unknown> = Object.create(Object.getPrototypeOf(thing))
  seen.set(thing, fields)
  for (const key of Object.keys(thing)) {
    const value = (thing as Record<string, unknown>)[key]
    fields[key] = constant.has(key) ? value : copy(value, seen)
  }
  return fields
}

/** What a world is, in short. Moments count from `now`: the same a second later is the same. */
export const digestOf = (thing: unknown, now: number): string =>
  createHash('sha1').update(written(thing, now)).digest('base64')

/** A thing in words, the same for the same. */
export function written(thing: unknown, now: number): string {
  return new Writing(now).write(thing).text
}

/** Numbers above this are moments. */
const moments = 1e11

/** One long text: most of the time of a walk goes into these. */
class Writing {
  text = ''
  private readonly now: number
  private readonly seen = new Map<object, number>()

  constructor(now: number) {
    this.now = now
  }

  write(thing: unknown): this {
    if (typeof thing === 'object' && thing !== null) this.writeOnce(thing)
    else if (typeof thing === 'number' && Number.isFinite(thing) && thing > moments)
      this.text += `+${thing - this.now} `
    else this.text += `${String(thing)} `
    return this
  }

  private writeOnce(thing: object): void {
    const known = this.seen.get(thing)
    if (known !== undefined) {
      this.text += `#${known} `
      return
    }
    this.seen.set(thing, this.seen.size)
    this.text += '( '
    this.writeParts(thing)
    this.text += ') '
  }

  private writeParts(thing: object): void {
    if (Array.isArray(thing) || thing instanceof Set) for (const item of thing) this.write(item)
    else if (thing instanceof Map) for (const [key, value] of thing) this.write(key).write(value)
    else {
      for (const key of Object.keys(thing)) {
        const value = (thing as Record<string, unknown>)[key]
        if (value === undefined || (idle.has(key) && !decisive.has(key))) continue
        this.text += `${key} `
        this.write(value)
      }
    }
  }
}
