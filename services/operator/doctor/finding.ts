/** What doctor finds: how it stands with one thing, and how to mend it. */
export interface Finding {
  readonly check: string
  readonly verdict: 'ok' | 'warn' | 'fail'
  /** One sentence: what is so. */
  readonly found: string
  /** What to do about it. */
  readonly remedy?: string
}

export const ok = (check: string, found: string): Finding => ({ check, verdict: 'ok', found })
export const warn = (check: string, found: string, remedy: string): Finding => ({
  check,
  verdict: 'warn',
  found,
  remedy,
})
export const fail = (check: string, found: string, remedy: string): Finding => ({
  check,
  verdict: 'fail',
  found,
  remedy,
})

/** For whom a set-up is checked. */
export type CheckedRole = 'master' | 'slave' | 'framework' | 'operator' | 'executor'
export const checkedRoles: readonly CheckedRole[] = ['master', 'slave', 'framework', 'operator', 'executor']

export const defaultInbox = '_INBOX'

export interface Patient {
  readonly cluster: string
  readonly roles: readonly CheckedRole[]
  /** Of a master and of a slave. */
  readonly name: string
  /** Of an operator and of a framework. */
  readonly user: string
  readonly replicas: number
  readonly timeoutMs: number
  readonly inboxPrefix: string
  readonly jetstreamPrefix: string
}
