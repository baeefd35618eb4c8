/** What can go wrong on the bus. A caller chooses by `code`; a person reads the message. */
export type BusErrorCode =
  | 'bad-subject'
  | 'too-large'
  | 'disconnected'
  | 'outbox-full'
  | 'no-responders'
  | 'timeout'
  | 'denied'
  | 'too-many-requests'
  | 'closed'
  | 'unreachable'
  | 'no-jetstream'
  | 'bucket-refused'
  | 'bucket-gone'
  | 'failed'

export class BusError extends Error {
  override readonly name = 'BusError'
  readonly code: BusErrorCode

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
