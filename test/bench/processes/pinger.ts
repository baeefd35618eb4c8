/** Asks the leader how it is, one question after another, and tells how long each answer took. */
import { setTimeout as pause } from 'node:timers/promises'
import { Operator } from '../../../services/operator/client.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

export interface Question {
  readonly count: number
  readonly everyMs: number
}
export interface Answer {
  readonly ms: readonly number[]
}

const place = given<Place>()
const operator = await Operator.connect({ ...placeOf(place), user: 'pinger', timeoutMs: 10_000 })
serve(ping, () => operator.close())

async function ping({ count, everyMs }: Question): Promise<Answer> {
  const ms: number[] = []
  for (let asked = 0; asked < count; asked++) {
    const began = performance.now()
    await operator.ask('cluster.get', {})
    ms.push(performance.now() - began)
    await pause(everyMs)
  }
  return { ms }
}
