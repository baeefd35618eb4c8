/** A framework that comes with one task of ten seconds, and goes: how much longer than that it took (the paper, section 6.5). */
import { isOver, runScheduler } from '../../../services/scheduler/index.ts'
import { log } from '../submitter.ts'
import type { Place } from './place.ts'
import { given, serve } from './serve.ts'

/** From asking for the framework, ms. */
export interface Answer {
  readonly subscribedMs: number
  readonly offeredMs: number
  readonly runningMs: number
  readonly overMs: number
}
export interface Question {
  readonly seconds: number
}

const { url } = given<Place>()
let named = 0
serve(({ seconds }: Question) => probe(`probe-${process.pid}-${named++}`, seconds))

async function probe(name: string, seconds: number): Promise<Answer> {
  const began = performance.now()
  const at = { subscribedMs: 0, offeredMs: 0, runningMs: 0, overMs: 0 }
  const since = () => performance.now() - began
  let wanted = true
  let ended: () => void = () => {}
  const done = new Promise<void>((resolve) => {
    ended = resolve
  })
  const scheduler = await runScheduler({
    name,
    connection: { server: url },
    env: { HOME: '/nowhere' },
    log,
    wants: () => wanted,
    onSubscribed: () => {
      at.subscribedMs ||= since()
    },
    onOffers: ([offer]) => {
      if (!wanted || !offer?.add({ id: 't', cpus: 1, mem: 1024, command: ['wait', `${seconds}`] })) return
      wanted = false
      at.offeredMs = since()
    },
    onStatus: (status) => {
      if (status.state === 'running') at.runningMs = since()
      if (!isOver(status)) return
      if (status.state !== 'finished') throw new Error(`the task is ${status.state}: ${status.message}`)
      at.overMs = since()
      ended()
    },
  })
  await done
  await scheduler.teardown()
  return at
}
