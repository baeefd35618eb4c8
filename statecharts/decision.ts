/**
 * What a decision hears and what it may ask of the world, as plain data. A chart names the decision; the decision
 * changes its ledger and returns effects; the runtime carries them out, in order, and outcomes come back as events.
 */
import type { Refusal } from '../shared/errors.ts'
import { type RefusalCode, refusal } from '../shared/errors.ts'
import type { Epoch, FrameworkId, OfferId, SlaveId, TaskId } from '../shared/ids.ts'
import type { Answer, AskType, Body, Holdings, MessageType, Offer, SayType } from '../shared/messages.ts'
import type { Run } from '../shared/runs.ts'
import type { Address, Speaker } from '../shared/subjects.ts'
import type { Status, Task } from '../shared/tasks.ts'

/** Where an answer goes: made by the runtime, opaque to charts. */
export type ReplyTo = string

/** A message as it was heard; `at` is now, in ms. */
export interface Heard<T extends MessageType> {
  readonly type: T
  readonly at: number
  readonly from: Speaker
  /** The framework whose subject it came by. */
  readonly framework?: { readonly principal: string; readonly frameworkId: FrameworkId }
  readonly reply?: ReplyTo
  readonly body: Body<T>
}
/** Every message of these types, each as an event of its own. */
export type HeardAny<T extends MessageType> = { [Each in T]: Heard<Each> }[T]

/** A wake that was asked for has come. */
export type Woken<Name extends string> = Name extends string
  ? { readonly type: `wake.${Name}`; readonly at: number }
  : never

/** Why an answer never came; the world's word, not the hearer's. */
export type Unanswered = {
  readonly ok: false
  readonly code: 'no-responders' | 'timeout' | 'unreachable'
  readonly message: string
}
/** What became of an `ask`. */
export type Answered<T extends AskType> = T extends AskType
  ? {
      readonly type: `answer.${T}`
      readonly at: number
      readonly ref: string
      readonly answer: ({ readonly ok: true } & Answer<T>) | Refusal | Unanswered
    }
  : never
/** Nobody has answered; or whoever did was in no state to, such as a leader who has only just taken office. */
export const isUnanswered = (answer: { readonly ok: boolean; readonly code?: string }): boolean =>
  !answer.ok && ['no-responders', 'timeout', 'unreachable', 'unheard'].includes(answer.code ?? '')

/** Something that a stranger sent was turned away at the door, before it was a message. */
export interface TurnedAway {
  readonly type: 'stranger.refused'
  readonly at: number
  readonly code: RefusalCode
  readonly message: string
}

export interface Say<T extends SayType = SayType> {
  readonly do: 'say'
  readonly type: T
  readonly to: Address
  readonly body: Body<T>
}
export interface Ask<T extends AskType = AskType> {
  readonly do: 'ask'
  readonly type: T
  readonly to: Address
  readonly body: Body<T>
  /** Comes back with the answer. */
  readonly ref: string
  readonly timeoutMs: number
}
/** One attempt on the lease; comes back as `lease.answered` with the same op and what was known when it was sent. */
export interface LeaseEffect {
  readonly do: 'lease'
  readonly op: 'create' | 'update' | 'remove' | 'read'
  readonly revision: number
  /** Tells our own writes from others' when the answer was lost. */
  readonly nonce: string
  /** What the epoch is counted from. */
  readonly floor: number
  readonly sentAt: number
}

/** What is to be given back of a slave, by when, and what is killed else. */
export type Notice = Readonly<Omit<Body<'revocation.notice'>, 'epoch'>>

/** Another version of what a slave holds; comes back as `holdings.kept` once all of it is safe, or as `holdings.failed`. */
export interface HoldEffect {
  readonly do: 'hold'
  readonly holdings: Holdings
  /** Volumes to be made for it, and those to be destroyed, by id. */
  readonly made: readonly string[]
  readonly destroyed: readonly string[]
}

/** What the author of a framework or of an executor is told. */
export type News =
  | { readonly news: 'subscribed'; readonly frameworkId: FrameworkId; readonly again: boolean }
  | { readonly news: 'offers'; readonly offers: readonly HeldOffer[] }
  | { readonly news: 'rescinded'; readonly offerIds: readonly OfferId[]; readonly reason: string }
  | { readonly news: 'status'; readonly status: Status }
  | {
      readonly news: 'message'
      readonly slaveId: SlaveId
      readonly executor: string
      readonly payload: Uint8Array
    }
  | { readonly news: 'slave.lost'; readonly slaveId: SlaveId; readonly slaveName: string }
  | {
      readonly news: 'draining'
      readonly slaveId: SlaveId
      readonly slaveName: string
      readonly withinSeconds: number
      readonly taskIds: readonly TaskId[]
    }
  | ({ readonly news: 'revocation' } & Notice)
  /** Its refusals last at least so long from now on, because it keeps declining. */
  | { readonly news: 'backedOff'; readonly seconds: number }
  /** Of several schedulers that stand by for one another, this one leads now: it subscribes when its author is ready. */
  | { readonly news: 'leads' }
  | {
      readonly news: 'executor.lost'
      readonly slaveId: SlaveId
      readonly name: string
      readonly message: string
    }
  | { readonly news: 'refused'; readonly code: string; readonly message: string }
  | {
      readonly news: 'answer'
      readonly ref: string
      readonly answer: object
    }
  | {
      readonly news: 'registered'
      readonly slaveId: SlaveId
      readonly frameworkId: FrameworkId
      readonly name: string
    }
  | { readonly news: 'launch'; readonly task: Task }
  | { readonly news: 'kill'; readonly taskId: TaskId; readonly graceSeconds: number }
  | { readonly news: 'shutdown'; readonly graceSeconds: number }

/** Whom or what a note is about, by the ids that people look for. */
export interface About {
  readonly frameworkId?: FrameworkId | undefined
  readonly slaveId?: SlaveId | undefined
  readonly taskId?: TaskId | undefined
  readonly offerId?: OfferId | undefined
}

/** An offer as its framework holds it. */
export interface HeldOffer extends Offer {
  /** Until when it stands, ms by the framework's own clock. */
  readonly standsUntil: number
}

export type Effect =
  | { [T in SayType]: Say<T> }[SayType]
  | { [T in AskType]: Ask<T> }[AskType]
  | {
      readonly do: 'reply'
      readonly to: ReplyTo
      readonly answer: { readonly ok: boolean; readonly [field: string]: unknown }
    }
  /** Wakes the actor with `wake.<name>`; a later one of the same name replaces it. `at` of now: after this burst of events. */
  | { readonly do: 'wake'; readonly name: string; readonly at: number }
  | { readonly do: 'listen'; readonly address: Address }
  | { readonly do: 'unlisten'; readonly address: Address }
  /** Told to whoever reads the log or the trace. */
  | ({
      readonly do: 'note'
      readonly level: 'info' | 'warn' | 'error'
      readonly message: string
    } & About)
  /** Turned down without an answer, because nobody waits for one. */
  | { readonly do: 'refused'; readonly heard: string; readonly code: RefusalCode; readonly message: string }
  | LeaseEffect
  /** Reads the registry for a new reign; comes back as `registry.loaded`, however often it has to be asked. */
  | { readonly do: 'load'; readonly epoch: Epoch }
  /** Puts an entry into the registry, or takes it out; comes back as `registry.kept` once it stands. */
  | { readonly do: 'keep'; readonly epoch: Epoch; readonly key: string; readonly entry: object | undefined }
  /** Appended to the checkpoint: whatever is asked for behind it is carried out when it will survive a crash. */
  | { readonly do: 'save'; readonly records: readonly object[] }
  /** The checkpoint is written anew: these stand for all that was saved before. */
  | { readonly do: 'compact'; readonly records: readonly object[] }
  | HoldEffect
  | { readonly do: 'run'; readonly run: Run }
  /** Goes on with a run of an earlier life. */
  | { readonly do: 'adopt'; readonly run: Run }
  | { readonly do: 'stop'; readonly runId: string; readonly graceSeconds: number }
  | { readonly do: 'forget'; readonly runId: string }
  | {
      readonly do: 'readLog'
      readonly to: ReplyTo
      readonly runId: string
      readonly stream: 'stdout' | 'stderr'
      readonly offset: number
      readonly limit: number
      readonly over: boolean
    }
  | { readonly do: 'tell'; readonly news: News }
  /** The actor's work is over: the process may end. */
  | { readonly do: 'end'; readonly code: string; readonly message: string }

export const say = <T extends SayType>(type: T, to: Address, body: Body<T>): Effect =>
  ({ do: 'say', type, to, body }) as Effect
export const ask = <T extends AskType>(
  type: T,
  to: Address,
  body: Body<T>,
  ref: string,
  timeoutMs: number,
): Effect => ({ do: 'ask', type, to, body, ref, timeoutMs }) as Effect
export const wake = (name: string, at: number): Effect => ({ do: 'wake', name, at })
export const note = (
  level: 'info' | 'warn' | 'error',
  message: string,
  { frameworkId, slaveId, taskId, offerId }: About = {},
): Effect => ({
  do: 'note',
  level,
  message,
  ...(frameworkId && { frameworkId }),
  ...(slaveId && { slaveId }),
  ...(taskId && { taskId }),
  ...(offerId && { offerId }),
})
export const tell = (news: News): Effect => ({ do: 'tell', news })

/** Yes, with what the answer carries. */
export function grant<T extends AskType>(heard: Heard<T>, answer: Answer<T>): Effect[] {
  return heard.reply === undefined ? [] : [{ do: 'reply', to: heard.reply, answer: { ok: true, ...answer } }]
}

/** No, with a code and a sentence; told to whoever asked, else to the trace alone. */
export function refuse(
  heard: { readonly type: string; readonly reply?: ReplyTo },
  code: RefusalCode,
  detail?: string,
): Effect[] {
  const answer = refusal(code, detail)
  if (heard.reply !== undefined) return [{ do: 'reply', to: heard.reply, answer: { ...answer } }]
  return [{ do: 'refused', heard: heard.type, code, message: answer.message }]
}

/** What a chart's machine carries: the role's ledger, and what its decisions have asked for since it was last emptied. */
export interface Context<Ledger> {
  readonly ledger: Ledger
  readonly outbox: Effect[]
}

/** A decision as an XState action, under its own name, so that pictures and exports show it. */
export function decide<Ledger, Event>(decision: (ledger: Ledger, heard: Event) => readonly Effect[]) {
  const action = ({ context, event }: { context: Context<Ledger>; event: Event }): void => {
    for (const effect of decision(context.ledger, event)) context.outbox.push(effect)
  }
  return Object.defineProperty(action, 'name', { value: decision.name })
}

/** A fact about the ledger and what was heard, as an XState guard, under its own name. */
export function when<Ledger, Event>(fact: (ledger: Ledger, heard: Event) => boolean) {
  const guard = ({ context, event }: { context: Context<Ledger>; event: Event }): boolean =>
    fact(context.ledger, event)
  return Object.defineProperty(guard, 'name', { value: fact.name })
}

/** Heard, and nothing to be done about it: wakes that were overtaken, answers that no longer matter. */
export const ignore = (): void => {}

/** What a state does not hear changes nothing; it is traced, and whoever asked is told. */
export const refuseUnheard = (
  _ledger: unknown,
  heard: { readonly type: string; readonly reply?: ReplyTo },
): Effect[] => refuse(heard, 'unheard', heard.type)

/** A leader who has been succeeded does not know it yet. */
export const refuseStale = (_ledger: unknown, heard: { readonly type: string }): Effect[] =>
  refuse({ type: heard.type }, 'stale-epoch')

/** What was turned away at the door is traced like any other refusal. */
export const turnAway = (_ledger: unknown, { type, code, message }: TurnedAway): Effect[] => [
  { do: 'refused', heard: type, code, message },
]
