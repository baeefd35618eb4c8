/** What there is of a run that an earlier process of this slave was told to start. */
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { removeSandbox } from '../sandbox.ts'
import { provedUnbegun } from '../traces.ts'
import type { ContainerState, Engine } from './engine.ts'

export interface Sought {
  readonly name: string
  readonly workDir: string
  readonly sandbox: string
  /** An engine that is away is asked again after, ms; each time twice as long as before, ... */
  readonly retryMs: number
  /** ... and at the most so long, ms. */
  readonly retryMaxMs: number
}

/** `unbegun`: nothing is left that could begin or be in the way. `gone`: it was begun, and its container is not there. */
export type Found =
  | { readonly as: 'begun'; readonly state: ContainerState }
  | { readonly as: 'unbegun' | 'gone' }

/** Asks until the engine answers, or nobody wants to know any more. */
export async function seek(
  engine: Engine,
  sought: Sought,
  isWanted: () => boolean,
): Promise<Found | undefined> {
  for (let pause = sought.retryMs; isWanted(); pause = Math.min(2 * pause, sought.retryMaxMs)) {
    const found = await look(engine, sought).catch(() => undefined)
    if (found) return found
    await delay(pause, undefined, { ref: false })
  }
  return undefined
}

/**
 * A slave marks the sandbox before it has a container started: without container and mark, the run was not begun. A
 * container that was made and not started is removed, so that a late request to start it finds nothing; and its
 * sandbox goes first, so that whoever comes after us draws the same conclusion.
 */
async function look(engine: Engine, sought: Sought): Promise<Found | undefined> {
  const there = await engine.inspect(sought.name)
  const state = there?.workDir === resolve(sought.workDir) ? there : undefined
  if (!state) return { as: (await provedUnbegun(sought.sandbox)) ? 'unbegun' : 'gone' }
  if (state.startedAt !== undefined) return { as: 'begun', state }
  await removeSandbox(sought.sandbox)
  return (await engine.discard(sought.name)) ? { as: 'unbegun' } : undefined
}
