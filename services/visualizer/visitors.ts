/**
 * Whether a request is meant for this page. Another page in the same browser may ask for anything here in the name of
 * whoever looks at it: by its own name (which it sends as the origin), or by a name of its own that leads to this machine.
 */
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

export interface Reach {
  /** Where it listens. */
  readonly host: string
  /** Names by which the page may be asked for, besides `localhost` and plain addresses. */
  readonly names?: readonly string[]
}

export function isForUs({ headers }: IncomingMessage, reach: Reach): boolean {
  const asked = parsed(`http://${headers.host ?? ''}`)
  if (!asked || !isOurs(asked.hostname, reach)) return false
  return headers.origin === undefined || parsed(headers.origin)?.host === asked.host
}

/** Of what no address has: empty. */
export const pathOf = ({ url = '/' }: IncomingMessage): string => parsed(`http://page${url}`)?.pathname ?? ''

function isOurs(name: string, { host, names = [] }: Reach): boolean {
  return (
    name === 'localhost' || name === host || isIP(name.replace(/^\[|\]$/g, '')) !== 0 || names.includes(name)
  )
}

function parsed(url: string): URL | undefined {
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}
