/** Says recorded steps on the trace's subjects, so many a second, as roles would that are watched. */
import { readFileSync } from 'node:fs'
import { connectBus } from '../../../services/runtime/bus/nats.ts'
import { encode } from '../../../shared/codec.ts'
import { traceSubject } from '../../../shared/subjects.ts'
import type { Step } from '../../../shared/trace.ts'
import { wallClock } from '../figures.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

export interface Given extends Place {
  readonly path: string
}
export interface Question {
  readonly perSecond: number
}
export interface Answer {
  readonly said: number
}

const tickMs = 10
const { path, ...place } = given<Given>()
const { connection, cluster } = placeOf(place)
const bus = await connectBus({ connection, name: 'bench steps' })
const recorded = readFileSync(path, 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => JSON.parse(line) as Step)
const counts = new Map<string, number>()
let said = 0
let due = 0
let perSecond = 0
const timer = setInterval(() => {
  due += (perSecond * tickMs) / 1000
  for (; due >= 1; due--) sayNext()
}, tickMs)
serve(
  (question: Question): Answer => {
    perSecond = question.perSecond
    return { said }
  },
  () => {
    clearInterval(timer)
    return bus.drain()
  },
)

/** Again from the start when all is said; each actor goes on counting. */
function sayNext(): void {
  const step = recorded[said % recorded.length] as Step
  const key = `${step.role} ${step.id}`
  const n = (counts.get(key) ?? 0) + 1
  counts.set(key, n)
  bus.publish(traceSubject(cluster, step.role, step.id), encode({ ...step, n, at: wallClock() }))
  said++
}
