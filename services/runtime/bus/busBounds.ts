/** Every limit and wait of a bus connection, in bytes, ms or pieces. */
export interface BusBounds {
  readonly connectTimeoutMs: number
  readonly pingMs: number
  readonly maxPingsOut: number
  readonly reconnectMinMs: number
  readonly reconnectMaxMs: number
  readonly maxOutboxBytes: number
  readonly measureOutboxBytes: number
  readonly maxRequests: number
  readonly bucketTimeoutMs: number
  readonly bucketOpenMs: number
  readonly drainMs: number
}

export const busBounds: BusBounds = {
  /** A server across the world shakes hands in one second; TLS and a busy server need some more. */
  connectTimeoutMs: 5_000,
  /** A server that died without a word is noticed after pingMs times (maxPingsOut + 1): within 15 s, a lease's life. */
  pingMs: 5_000,
  /** One lost pong is a hiccup, two are a dead link. */
  maxPingsOut: 2,
  /** Short, so that a restarted server is met again before a heartbeat is missed. */
  reconnectMinMs: 250,
  /** Where the doubling ends: a thousand slaves at this pace knock 250 times a second on a server that comes back. */
  reconnectMaxMs: 4_000,
  /** Half of what a server holds for a slow client (64 MB): whoever is that far behind should hear it, not swell. */
  maxOutboxBytes: 32 * 1024 * 1024,
  /** How often the outbox is measured by a ping: often enough to be exact, too seldom to cost anything. */
  measureOutboxBytes: 256 * 1024,
  /** Each request in flight holds a timer and a promise, about 1 kB: this is 10 MB of waiting. */
  maxRequests: 10_000,
  /** An answer of JetStream takes milliseconds; later than this it is better read back than awaited. */
  bucketTimeoutMs: 2_000,
  /** A JetStream cluster that has lost its leader waits 4 to 9 s before it chooses another: this outwaits that. */
  bucketOpenMs: 12_000,
  /** A drain says what is left to say; a link that died meanwhile must not hold up a shutdown for longer. */
  drainMs: 5_000,
}
