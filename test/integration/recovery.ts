/** A slave's isolation that can be killed, and what tests ask of processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Run, RunEvent } from '../../services/runtime/ports.ts'
import { compiled } from '../install.ts'
import type { HostRequest } from './recoveryHost.ts'

export interface Host {
  start(...runs: readonly Run[]): void
  stop(runId: string, graceSeconds: number): void
  /** Resolves when it has told this of a run. */
  told(runId: string, type: RunEvent['type']): Promise<RunEvent>
  /** Of its newest launcher. */
  launcher(): number
  /** SIGKILL: it has no time to say anything. */
  kill(): Promise<void>
}

export function startHost(...args: readonly string[]): Host {
  const child = spawn(process.execPath, [compiled('integration/recoveryHost'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const events = eventsOf(child)
  const ask = (request: HostRequest) => void child.stdin?.write(`${JSON.stringify(request)}\n`)
  return {
    start: (...runs) => {
      for (const run of runs) ask({ do: 'start', run })
    },
    stop: (runId, graceSeconds) => ask({ do: 'stop', runId, graceSeconds }),
    told: (runId, type) => events.find((event) => event.runId === runId && event.type === type),
    launcher: () => launcherOf(child.pid ?? 0),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

function eventsOf(child: ChildProcess) {
  const told: RunEvent[] = []
  const wanted: { is: (event: RunEvent) => boolean; resolve: (event: RunEvent) => void }[] = []
  if (child.stdout)
    createInterface(child.stdout).on('line', (line) => {
      const event: RunEvent = JSON.parse(line)
      told.push(event)
      for (const { is, resolve } of wanted) if (is(event)) resolve(event)
    })
  return {
    find: (is: (event: RunEvent) => boolean) =>
      new Promise<RunEvent>((resolve) => {
        const found = told.find(is)
        if (found) resolve(found)
        else wanted.push({ is, resolve })
      }),
  }
}

/** Resolves when it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Whether there is such a process that is no zombie. */
export function lives(pid: number): boolean {
  try {
    return existsSync('/proc/self/stat')
      ? !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
      : process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The launcher that this process has opened. */
export function launcherOf(parent: number): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const found = pids.map(Number).filter((pid) => {
    try {
      return (
        parentOf(pid) === parent && /proffer.launcher/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
      )
    } catch {
      return false
    }
  })
  return Math.max(...found)
}

export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}
