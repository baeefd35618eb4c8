import { BusError, type BusErrorCode } from './busError.ts'
import { type ConnectionSettings, describeConnection } from './connection.ts'

/** The client's error codes for what may befall a connection in use. */
const codes: Readonly<Record<string, BusErrorCode>> = {
  CONNECTION_CLOSED: 'closed',
  CONNECTION_DRAINING: 'closed',
  DISCONNECT: 'disconnected',
  MAX_PAYLOAD_EXCEEDED: 'too-large',
  TIMEOUT: 'timeout',
  '503': 'no-responders',
  PERMISSIONS_VIOLATION: 'denied',
}

export function asBusError(error: unknown): BusError {
  if (error instanceof BusError) return error
  return new BusError(codes[codeOf(error)] ?? 'failed', `NATS: ${messageOf(error)}`, { cause: error })
}

/** Why a first connection failed, and what to do. Only `unreachable` may pass by itself. */
export function connectFailure(error: unknown, settings: ConnectionSettings): BusError {
  const where = describeConnection(settings)
  const code = codeOf(error)
  if (/AUTH|ACCOUNT_EXPIRED/.test(code)) {
    const what = 'give its user with --creds, --nkey, --user and --password, --context, or their variables'
    return new BusError('denied', `The NATS server refuses us at ${where}: ${what}`, { cause: error })
  }
  if (/TLS|SSL|CERT|SIGNATURE|ISSUER|SERVER_OPT_NA/.test(code)) {
    const why = code === 'SERVER_OPT_NA' ? 'the server does not offer it' : messageOf(error)
    const what = 'name the authority with --tlsca, or use nats:// where the server has no TLS'
    return new BusError('failed', `No TLS with NATS at ${where}: ${why}; ${what}`, { cause: error })
  }
  const what = 'start nats-server there, or name another with --server or NATS_URL'
  return new BusError('unreachable', `No NATS server answers at ${where} (${messageOf(error)}): ${what}`, {
    cause: error,
  })
}

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
