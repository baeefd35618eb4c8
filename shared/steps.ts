/**
 * Steps as they go over the bus, `{ steps: [...] }`. What was said and heard is in a step as the very bytes that went
 * over the bus, msgpack in msgpack: nobody writes twice what was written once.
 */
import { encode, unpack } from './codec.ts'
import type { Step } from './trace.ts'

/** The bytes that a body or an answer came as or was sent as, where they are at hand. */
export type Written = ReadonlyMap<object, Uint8Array>

export const packSteps = (steps: readonly Step[], written: Written): Uint8Array =>
  encode({ steps: written.size === 0 ? steps : steps.map((step) => withBytes(step, written)) })

function withBytes(step: Step, written: Written): object {
  const { heard, effects } = step
  return {
    ...step,
    heard: asBytes(heard, written),
    effects: effects.map((effect) => asBytes(effect, written)),
  }
}

function asBytes(part: object, written: Written): object {
  const { body, answer } = part as { body?: object; answer?: object }
  const bodyBytes = body && written.get(body)
  if (bodyBytes) return { ...part, body: bodyBytes }
  const answerBytes = answer && written.get(answer)
  return answerBytes ? { ...part, answer: answerBytes } : part
}

/** Anybody may publish there: what is no step is left out. */
export function stepsIn(payload: Uint8Array): Step[] {
  const { steps } = unpack(payload) ?? {}
  return Array.isArray(steps) ? steps.filter(isStep).map(readable) : []
}

function readable(step: Step): Step {
  for (const part of [step.heard, ...step.effects] as Record<string, unknown>[])
    for (const field of ['body', 'answer'])
      if (part[field] instanceof Uint8Array) part[field] = unpack(part[field]) ?? {}
  return step
}

/** Whether it has the shape of one. */
export const isStep = (step: unknown): step is Step => {
  const { n, at, role, id, heard, before, after, effects } = (step ?? {}) as Partial<Step>
  const words = [role, id, before, after, heard?.type]
  return (
    Number.isFinite(n) &&
    Number.isFinite(at) &&
    words.every(isText) &&
    Array.isArray(effects) &&
    effects.every(isThing)
  )
}
const isText = (value: unknown): boolean => typeof value === 'string'
const isThing = (value: unknown): boolean => typeof value === 'object' && value !== null
