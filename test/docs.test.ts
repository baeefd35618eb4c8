import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { documents } from '../services/operator/docs/docs.ts'
import { exampleAnswer, exampleBody } from '../services/operator/docs/reference.ts'
import { decode, decodeAnswer, encode } from '../shared/codec.ts'
import { type AskType, messageTypes } from '../shared/messages.ts'
import { chartAsJson, charts } from '../statecharts/index.ts'
import { chartAsMermaid } from '../statecharts/mermaid.ts'

test.each(documents())('$path is what the code says; if not: npm run docs', ({ url, text }) => {
  expect(existsSync(url) && readFileSync(url, 'utf8') === text, 'stale: npm run docs').toBe(true)
})

test('the documents are the same each time', () => {
  expect(documents()).toEqual(documents())
})

/** As it comes from the bus: a plain array of bytes. */
const sent = (body: object) => new Uint8Array(encode(body))

test.each(messageTypes)('the examples of %s in the reference are valid', (type) => {
  const body = exampleBody(type)
  expect(decode(type, sent(body))).toEqual({ ok: true, body })
  const answer = exampleAnswer(type)
  if (answer) expect(decodeAnswer(type as AskType, sent(answer))).toEqual(answer)
})

describe.each(Object.entries(charts))('the chart %s', (_name, machine) => {
  const json = chartAsJson(machine)

  test('is plain JSON', () => expect(JSON.parse(JSON.stringify(json))).toEqual(json))

  test('is the same machine when XState reads that JSON', () => {
    expect(ways(createMachine(json as never))).toEqual(ways(machine))
  })

  test('has every state, and every way between two, in its picture', () => {
    const picture = chartAsMermaid(machine)
    for (const state of Object.keys(json.states)) expect(picture).toContain(state)
    for (const { event, to } of ways(machine)) if (to.length > 0) expect(picture).toContain(`: ${event}`)
    expect(picture).toContain(`[*] --> ${json.initial}`)
  })
})

type Node = { on: Record<string, readonly Way[]>; states: Record<string, Node>; key: string; type: string }
type Way = { target?: { key: string }[]; guard?: unknown; actions: unknown[] }

/** What XState itself makes of a machine: every transition of every state, with names in place of functions. */
function ways(machine: { root: unknown }) {
  const root = machine.root as Node
  return [root, ...Object.values(root.states)].flatMap((node) =>
    Object.entries(node.on).flatMap(([event, transitions]) =>
      transitions.map(({ target = [], guard, actions }) => ({
        from: node === root ? '' : `${node.key} (${node.type})`,
        event,
        to: target.map(({ key }) => key),
        guard: nameOf(guard),
        actions: actions.map(nameOf).filter((name) => name !== 'ignore'),
      })),
    ),
  )
}

const nameOf = (named: unknown): unknown =>
  typeof named === 'function' ? named.name : typeof named === 'object' && named ? Object(named).type : named
