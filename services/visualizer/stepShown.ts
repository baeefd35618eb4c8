/** All of one step, fit to be sent: bytes as words, what is very long cut. */
import type { Step } from '../../shared/trace.ts'
import type { Chronicle } from './chronicle/chronicle.ts'
import type { StepShown } from './language.ts'
import { NotThere } from './notThere.ts'

/** Of lists and texts so much is shown. */
const mostItems = 200
const mostLetters = 4000
/** Bytes are shown up to so many. */
const mostBytes = 64

/** Throws NotThere. */
export function showStep(chronicle: Chronicle, position: number): StepShown {
  const step = chronicle.steps.read(position)
  if (!step) throw new NotThere(`Step ${position} is not kept any more, or was never there.`)
  const { messages } = chronicle
  const indexes = messages.ofStep(position)
  const cause = indexes.find((index) => messages.heardIn(index).includes(position))
  const causedBy = cause === undefined ? undefined : messages.saidIn(cause)
  return {
    position,
    step: shown(step) as Step,
    ...(causedBy !== undefined && { causedBy }),
    causes: indexes
      .filter((index) => messages.saidIn(index) === position)
      .map((index) => ({
        effect: messages.effect(index),
        positions: messages.heardIn(index),
        lost: chronicle.isLost(index),
      })),
  }
}

function shown(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length > mostLetters ? `${value.slice(0, mostLetters)}... (${value.length} letters)` : value
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return bytesInWords(value)
  if (Array.isArray(value)) {
    const items = value.slice(0, mostItems).map(shown)
    return value.length > mostItems ? [...items, `... and ${value.length - mostItems} more`] : items
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)]))
}

function bytesInWords(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, mostBytes)).toString('utf8')
  const isText = !/[\p{Cc}\ufffd]/u.test(text.replace(/[\n\t]/g, ''))
  const shownAs = isText ? JSON.stringify(text) : Buffer.from(bytes.subarray(0, mostBytes)).toString('hex')
  return `${bytes.length} bytes: ${shownAs}${bytes.length > mostBytes ? '...' : ''}`
}
