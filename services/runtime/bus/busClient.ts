import type { Headers } from './jetstream.ts'

/** As much of the NATS client as the bus leans on. */
export interface Client {
  readonly info?: ServerInfo | undefined
  publish(subject: string, payload: Uint8Array, replyTo?: string, headers?: Headers): void
  subscribe(subject: string, hear: (refused: Error | null, message: ClientMessage) => void): () => void
  status(): AsyncIterable<ClientStatus>
  createInbox(): string
  flush(): Promise<void>
  reconnect(): Promise<void>
  drain(): Promise<void>
  close(): Promise<void>
  closed(): Promise<unknown>
  getServer(): string
  stats(): ClientStats
}

export interface ClientStats {
  readonly inMsgs: number
  readonly outMsgs: number
  readonly inBytes: number
  readonly outBytes: number
}

export interface ServerInfo {
  readonly version: string
  readonly max_payload: number
  readonly jetstream?: boolean
  readonly connect_urls?: readonly string[]
}

export interface ClientMessage {
  readonly subject: string
  readonly data: Uint8Array
  readonly reply?: string
  readonly headers?: { readonly code: number }
}

export interface ClientStatus {
  readonly type: string
  readonly data: unknown
  readonly permissionContext?: { readonly operation: string; readonly subject: string }
}
