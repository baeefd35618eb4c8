/**
 * Steps as Stately's inspector knows them (`@statelyai/inspect`): an actor when it is first met, then what it hears and
 * where that brings it. What has a life is a child of the actor that tells of it. Ledgers are not traced: a context is
 * empty.
 *
 * Its `createWebSocketReceiver` takes each message of a socket that is text for one event, as plain JSON; so does the
 * relay of its `createInspectorServer`, which hands them on to Stately's own page.
 */
import type { Move, Step } from '../../shared/trace.ts'
import { type ChartName, chartAsJson, charts } from '../../statecharts/index.ts'
import { asPlainJson } from '../runtime/plainJson.ts'

/** The version of `@statelyai/inspect` whose events these are. */
export const statelyVersion = '0.7.2'

interface Told {
  readonly rootId: string
  readonly sessionId: string
  /** ms by the actor's clock. */
  readonly createdAt: string
  readonly id: string
  readonly _version: string
}
export interface StatelyActor extends Told {
  readonly type: '@xstate.actor'
  readonly name: string
  readonly parentId: string | undefined
  /** The chart as JSON. */
  readonly definition: string | undefined
  readonly snapshot: Snapshot
}
export interface StatelyEvent extends Told {
  readonly type: '@xstate.event'
  readonly event: Heard
  /** Whose word it was. */
  readonly sourceId: string | undefined
}
export interface StatelySnapshot extends Told {
  readonly type: '@xstate.snapshot'
  readonly event: Heard
  readonly snapshot: Snapshot
}
export type StatelyTold = StatelyActor | StatelyEvent | StatelySnapshot

type Heard = { readonly type: string; readonly [field: string]: unknown }
type Snapshot = {
  readonly value: string
  readonly context: Readonly<Record<string, never>>
  readonly output: undefined
  readonly error: undefined
} & ({ readonly status: 'active' } | { readonly status: 'done' })

/** Those that were met last are known; who comes after so many others is introduced again. */
const mostKnown = 100_000

/** What one inspector is told: it must have met whoever it hears of. */
export class Inspection {
  private readonly met = new Set<string>()
  private told = 0

  /** `speaker` is who said what was heard, `master m1`, where that is known. */
  eventsOf(step: Step, speaker?: string): StatelyTold[] {
    const { role, id, heard, before, after, at, moves = [] } = step
    const session = { sessionId: sessionOf(role, id), rootId: sessionOf(role, id), parentId: undefined }
    const sourceId = speaker !== undefined && this.met.has(speaker) ? speaker : undefined
    const change = { chart: role, name: sessionOf(role, id), heard, before, after, sourceId }
    return [
      ...this.eventsOfChange(session, at, change),
      ...moves.flatMap((move) => this.eventsOfMove(step, move)),
    ]
  }

  private eventsOfMove({ role, id, at }: Step, move: Move): StatelyTold[] {
    const rootId = sessionOf(role, id)
    const session = { sessionId: `${rootId}/${move.life} ${move.id}`, rootId, parentId: rootId }
    const name = `${move.life} ${move.of?.name ?? move.id}`
    // Who is born is met where he is then.
    const before = move.before || move.after
    const change = { chart: `${move.life}Life`, name, heard: { type: move.fact }, after: move.after }
    return this.eventsOfChange(session, at, { ...change, before, sourceId: rootId })
  }

  private eventsOfChange(session: Session, at: number, change: Change): StatelyTold[] {
    const { chart, heard: event, before, after, sourceId } = change
    const { sessionId, rootId, parentId } = session
    const told = (): Told => ({
      sessionId,
      rootId,
      createdAt: `${at}`,
      id: `${++this.told}`,
      _version: statelyVersion,
    })
    const events: StatelyTold[] = []
    if (this.meets(sessionId)) {
      const definition = known.get(chart)?.definition
      const snapshot = snapshotOf(chart, before)
      events.push({ type: '@xstate.actor', ...told(), name: change.name, parentId, definition, snapshot })
    }
    events.push({ type: '@xstate.event', ...told(), event, sourceId })
    events.push({ type: '@xstate.snapshot', ...told(), event, snapshot: snapshotOf(chart, after) })
    // A life that is over is not heard of again.
    if (parentId !== undefined && isEnd(chart, after)) this.met.delete(sessionId)
    return events
  }

  private meets(sessionId: string): boolean {
    if (this.met.has(sessionId)) return false
    const [oldest] = this.met.size >= mostKnown ? this.met : []
    if (oldest !== undefined) this.met.delete(oldest)
    this.met.add(sessionId)
    return true
  }
}

/** As it goes over a socket, or on a line of its own. */
export const statelyText = (told: StatelyTold): string => JSON.stringify(told, asPlainJson)

interface Session {
  readonly sessionId: string
  readonly rootId: string
  readonly parentId: string | undefined
}
interface Change {
  readonly chart: string
  readonly name: string
  readonly heard: Heard
  readonly before: string
  readonly after: string
  readonly sourceId: string | undefined
}

const sessionOf = (role: string, id: string): string => `${role} ${id}`

/** A trace may come from anybody: of a chart that nobody knows there is no definition. */
const known = new Map<string, { readonly definition: string; readonly ends: ReadonlySet<string> }>(
  Object.keys(charts).map((name) => {
    const json = chartAsJson(charts[name as ChartName])
    const ends = Object.keys(json.states).filter((state) => json.states[state]?.type === 'final')
    return [name, { definition: JSON.stringify(json), ends: new Set(ends) }]
  }),
)
const isEnd = (chart: string, state: string): boolean => known.get(chart)?.ends.has(state) ?? false
const snapshotOf = (chart: string, value: string): Snapshot => ({
  status: isEnd(chart, value) ? 'done' : 'active',
  value,
  context: {},
  output: undefined,
  error: undefined,
})
