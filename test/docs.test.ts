import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { documents } from '../services/operator/docs/docs.ts'
import { exampleAnswer, exampleBody } from '../services/operator/docs/reference.ts'
import { decode, decodeAnswer, encode } from '../shared/codec.ts'
import { type AskType, messageTypes } from '../shared/messages.ts'

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
