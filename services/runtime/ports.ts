/**
 * What the roles need of the world. The runtime implements each port over NATS, Docker and the operating
 * system; the simulator implements them on virtual time. No port names a library.
 */
import type { Refusal } from '../../shared/errors.ts'
import type { Run, RunEvent } from '../../shared/runs.ts'
import type { Address } from '../../shared/subjects.ts'
import type { Effect, HoldEffect, LeaseEffect, ReplyTo, Unanswered } from '../../statecharts/decision.ts'
import type { LeaseAnswered } from '../../statecharts/lease.ts'
import type { RegistryLoaded } from '../../statecharts/master/registry.ts'

export type { Run, RunEvent, RunOutcome } from '../../shared/runs.ts'

/** Runs commands apart from one another. */
export interface Isolation {
  readonly name: 'process' | 'docker'
  /** Starts a run; how it goes is told by events. Never throws for what a stranger wrote in the run. */
  start(run: Run): void
  /**
   * Takes over a run that an earlier process of this slave was told to start: what runs is watched on, how it has
   * ended meanwhile is told, and what was never begun is started. The same events tell of it as of a start.
   */
  adopt(run: Run): void
  /** Ends and clears away whatever earlier processes of this slave left, but for these runs. */
  retain(runIds: ReadonlySet<string>): Promise<void>
  /** SIGTERM to all of it, then SIGKILL after the grace. An unknown or ended run is no error. */
  stop(runId: string, graceSeconds: number): void
  onEvent(hear: (event: RunEvent) => void): void
  /** A piece of what a run has written, from `offset` in bytes; `size` is all that was written so far. */
  readLog(runId: string, stream: 'stdout' | 'stderr', offset: number, limit: number): Promise<LogPiece>
  /** Forgets an ended run: its sandbox or container may go. */
  forget(runId: string): Promise<void>
  /** Lets go. What runs goes on, unless it is to be killed. */
  close(options: { kill: boolean }): Promise<void>
}

export interface LogPiece {
  readonly bytes: Uint8Array
  /** Where the piece begins: later than asked when rotation has dropped what was before. */
  readonly offset: number
  readonly size: number
}

/** A connection to the bus. Everything that arrives is handed over one message at a time, in order. */
export interface Bus {
  /** Bytes that one message may have, headers included. */
  readonly maxPayload: number
  readonly serverVersion: string
  /**
   * At most once, and never blocks. Throws BusError `too-large`, `bad-subject`, `disconnected` (nothing is
   * queued while the link is down) or `outbox-full`.
   */
  publish(subject: string, payload: Uint8Array, replyTo?: string): void
  /** Rejects with BusError: `no-responders` at once, `timeout`, `disconnected`, `denied`, `too-many-requests`, ... */
  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array>
  /** `hear` may throw: the error is logged and the next message comes. Returns how to stop listening. */
  subscribe(subject: string, hear: (message: BusMessage) => void): () => void
  onLink(hear: (news: LinkNews) => void): void
  /** Whether the link stands at this moment. */
  readonly isUp: boolean
  /** All that has gone over it, protocol and answers included. */
  readonly traffic: Traffic
  /** A KV bucket, made when missing; one that exists with other options is refused, not silently taken. */
  bucket(name: string, options: BucketOptions): Promise<Bucket>
  /** A window of what was said; without options it must be there already. */
  tape(name: string, options?: TapeOptions): Promise<Tape>
  /** Resolves when the server has taken all that was published and subscribed so far. */
  flush(): Promise<void>
  /** Says what is left to say, then closes. */
  drain(): Promise<void>
}

export interface Traffic {
  readonly messagesIn: number
  readonly messagesOut: number
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface BusMessage {
  readonly subject: string
  /** Never written to again, but a view on all that was read with it (64 kB): copy what is kept for long. */
  readonly payload: Uint8Array
  readonly replyTo?: string
}

export type LinkNews =
  | { readonly link: 'up' | 'down' | 'reconnected' | 'lame-duck' | 'closed'; readonly server: string }
  | { readonly link: 'denied'; readonly operation: 'publish' | 'subscription'; readonly subject: string }

export interface BucketOptions {
  readonly replicas: number
  /** How long a value lives after its last write, ms; absent: for ever. */
  readonly ttlMs?: number
}

export interface TapeOptions {
  /** What is kept: a subject, with wildcards. */
  readonly subject: string
  readonly keepMs: number
  readonly keepBytes: number
}
/** What was lately said on some subjects. */
export interface Tape {
  /** All that is kept now, the oldest first; resolves with how many messages that were. */
  play(hear: (payload: Uint8Array) => void): Promise<number>
}

/** Compare-and-set over keys. No answer of it is ever taken for a yes unless it is one. */
export interface Bucket {
  /** Writes only where nothing (or a tombstone) stands. */
  create(key: string, value: Uint8Array): Promise<Written>
  /** Writes only over this very revision. */
  update(key: string, value: Uint8Array, revision: number): Promise<Written>
  /** Leaves a tombstone, only over this very revision. */
  remove(key: string, revision: number): Promise<Written>
  /** What the stream's leader holds; undefined when nothing or a tombstone stands. Rejects when nobody knows. */
  read(key: string): Promise<Entry | undefined>
  /** All that stands, by key. */
  entries(): Promise<ReadonlyMap<string, Entry>>
}

export interface Entry {
  readonly value: Uint8Array
  readonly revision: number
  /** ms since 1970 by the server's clock. */
  readonly writtenAt: number
}

/** `unknown`: no answer came; it may have been written or not. */
export type Written =
  | { readonly outcome: 'written'; readonly revision: number }
  | { readonly outcome: 'conflict' | 'unknown' }

/** Where a slave keeps what it must know after a crash: records, in the order in which they were appended. */
export interface Disk {
  /** Appends behind all that was appended before; `done` when it will survive a crash, or with why it may not. */
  append(records: readonly object[], done: (error?: Error) => void): void
  /** Puts these in the place of all that is there, as one: after a crash there is either the old or the new. */
  rewrite(records: readonly object[], done: (error?: Error) => void): void
  /** When all that was asked for is done. */
  close(): Promise<void>
}

/** Where a slave keeps what it holds for roles, volumes included: on its machine's disk, for longer than it lives. */
export interface HoldingsPort {
  /** Another version: `done` when all of it will survive a crash, or with why it is as it was before. */
  hold(change: HoldEffect, done: (error?: Error) => void): void
}

/** Time as an actor sees it: ms since 1970 that never run backwards, and one call at a later moment. */
export interface Clock {
  now(): number
  /** Calls once, at `at` or as soon as that is past; returns how to call it off. */
  callAt(at: number, call: () => void): () => void
}

/** Bytes on subjects: what `Post` needs of a bus, with callbacks so that the simulator decides when things happen. */
export interface Wire {
  publish(subject: string, payload: Uint8Array): void
  request(
    subject: string,
    payload: Uint8Array,
    timeoutMs: number,
    answered: (answer: Uint8Array | Unanswered | Refusal) => void,
  ): void
  subscribe(subject: string, hear: (message: BusMessage) => void): () => void
}

/** Messages, as a role says and hears them. */
export interface Post {
  say(effect: Extract<Effect, { do: 'say' }>): void
  ask(effect: Extract<Effect, { do: 'ask' }>, answered: (answer: object) => void): void
  reply(to: ReplyTo, answer: object): void
  listen(address: Address): void
  unlisten(address: Address): void
  /** Stops hearing. */
  close(): void
}

/** What outlives every leader. Asked for by one reign at a time: a later epoch fences the earlier. */
export interface RegistryPort {
  /** Reads all of it, as soon as it can be had. */
  load(epoch: number, loaded: (registry: Pick<RegistryLoaded, 'entries' | 'laterReign'>) => void): void
  /** Writes, until it stands; of several writes to one key the last counts. */
  keep(epoch: number, key: string, entry: object | undefined, kept: () => void): void
}

/** One attempt on the lease, made at once; what became of it. */
export interface LeasePort {
  attempt(effect: LeaseEffect, answered: (result: LeaseAnswered['result']) => void): void
}
