/** The few questions that one asks of processes and their groups, where there is /proc; of a group, anywhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { pidNotedAt, readPid } from './traces.ts'

/** The first process of a run; when it started tells it from a later one that has its pid. */
export interface Leader {
  readonly pid: number
  readonly startedAtTick: number
}

interface Stat {
  readonly pgid: number
  /** Since the machine was started. */
  readonly startedAtTick: number
}

/** Of the times that /proc tells; it is so on all that Node runs on. */
const ticksPerSecond = 100
/** The clock of files and that of processes may be apart by so much, ms. */
const clockSlackMs = 1000

const hasTable = existsSync('/proc/self/stat')

export function isProcess(pid: number): boolean {
  return signal(pid, 0)
}

/** Sends a signal to a whole process group; false when nobody is left in it, or nobody that we may signal. */
export const signalGroup = (pgid: number, name: NodeJS.Signals | 0): boolean => signal(-pgid, name)

/** Those of these groups that somebody still lives in. A zombie is nobody: who should bury it may never come. */
export function groupsAlive(pgids: Iterable<number>): Set<number> {
  const asked = new Set([...pgids].filter((pgid) => signalGroup(pgid, 0)))
  if (asked.size === 0 || !hasTable) return asked
  return new Set(
    members()
      .flatMap((pid) => statOf(pid)?.pgid ?? [])
      .filter((pgid) => asked.has(pgid)),
  )
}

/** The first process of the run of this sandbox, while it lives. */
export function leaderOf(sandbox: string): Leader | undefined {
  const pid = readPid(sandbox)
  if (pid === undefined) return undefined
  if (!hasTable) return isProcess(pid) ? { pid, startedAtTick: 0 } : undefined
  const stat = statOf(pid)
  if (!stat) return undefined
  // It names its sandbox from its exec on, unless its command says otherwise; but a pid is taken again only when its
  // first owner, who was there when it was noted, is gone.
  const isIts = names(pid, sandbox) || startOf(stat) <= pidNotedAt(sandbox) + clockSlackMs
  return isIts ? { pid, startedAtTick: stat.startedAtTick } : undefined
}

export function isAlive({ pid, startedAtTick }: Leader): boolean {
  return hasTable ? statOf(pid)?.startedAtTick === startedAtTick : isProcess(pid)
}

/** Whether the process group of this number is still that of the run of this sandbox, and somebody is in it. */
export function isGroupOf(pgid: number, sandbox: string): boolean {
  if (!signalGroup(pgid, 0)) return false
  if (!hasTable || leaderOf(sandbox)?.pid === pgid) return true
  return members().some((pid) => statOf(pid)?.pgid === pgid && names(pid, sandbox))
}

/** SIGKILL to all that lives in these sandboxes, in the groups of their runs or not; whether there was anybody. */
export function killRuns(sandboxes: readonly string[]): boolean {
  const groups = sandboxes.flatMap((sandbox) => {
    const pgid = readPid(sandbox)
    return pgid !== undefined && isGroupOf(pgid, sandbox) && groupsAlive([pgid]).size > 0 ? [pgid] : []
  })
  for (const pgid of groups) signalGroup(pgid, 'SIGKILL')
  const wanted = new Set(sandboxes)
  const others = hasTable ? members().filter((pid) => wanted.has(sandboxOf(pid) ?? '')) : []
  for (const pid of others) signal(pid, 'SIGKILL')
  return groups.length + others.length > 0
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

const members = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** Of a living process. The name of a program may hold brackets and spaces. */
function statOf(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, , pgid] = fields
    if (state === 'Z' || state === 'X') return undefined
    return { pgid: Number(pgid), startedAtTick: Number(fields[19]) }
  } catch {
    return undefined
  }
}

/** ms since 1970. */
const startOf = ({ startedAtTick }: Stat): number =>
  Date.now() - (uptime() - startedAtTick / ticksPerSecond) * 1000

const names = (pid: number, sandbox: string): boolean => sandboxOf(pid) === sandbox

/** The sandbox that a process was started with in its environment. */
function sandboxOf(pid: number): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    return variables.find((text) => text.startsWith(prefix))?.slice(prefix.length)
  } catch {
    return undefined
  }
}
const prefix = 'PROFFER_SANDBOX='
