/** Processes by the mark in their environment: whatever a run has started, and whatever that has started in turn. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** In the environment of all processes of a run, tasks included: which run. */
export const runMark = 'CHAOS_RUN'
/** In the environment of tasks and custom executors: which. */
export const taskMark = 'CHAOS_TASK'

export interface Marked {
  readonly pid: number
  /** Empty where it is neither a task nor an executor. */
  readonly task: string
  readonly command: string
}

export function markedProcesses(run: string): Marked[] {
  return pids().flatMap((pid) => {
    const env = read(`/proc/${pid}/environ`).split('\0')
    if (!env.includes(`${runMark}=${run}`) || isZombie(pid)) return []
    const task = env.find((entry) => entry.startsWith(`${taskMark}=`))?.slice(taskMark.length + 1) ?? ''
    return [{ pid, task, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 200) }]
  })
}

/** Launchers have an environment of their own: they are known by whose child they are. */
export function launchersOf(parent: number): number[] {
  return pids().filter(
    (pid) => parentOf(pid) === parent && /proffer.launcher/.test(read(`/proc/${pid}/cmdline`)),
  )
}

export function endMarked(run: string): void {
  for (const { pid } of markedProcesses(run)) signal(pid, 'SIGKILL')
}

/** Whoever is gone already needs no signal. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A shell that reads a pipe from us: when we die, however we die, it ends all that bears the mark. */
export function watchOver(run: string): ChildProcess {
  const script = [
    'read -r _ && exit 0',
    `for env in $(grep -lz '^${runMark}=${run}$' /proc/[0-9]*/environ 2>/dev/null); do`,
    `  pid=\${env#/proc/}; kill -9 "\${pid%/environ}" 2>/dev/null`,
    'done',
  ].join('\n')
  const watcher = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  watcher.stdin.on('error', () => {})
  watcher.unref()
  return watcher
}

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

const statOf = (pid: number): string[] => {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
const isZombie = (pid: number): boolean => ['Z', 'X', ''].includes(statOf(pid)[0] ?? '')
const parentOf = (pid: number): number => Number(statOf(pid)[1] ?? 0)

/** Empty where a process has just gone, or is not ours to look at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
