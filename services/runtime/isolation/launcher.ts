/**
 * Starts programs from outside of Node: `child_process.spawn` blocks Node's thread for most of a millisecond for
 * each. One small process does nothing but start them, wait for them and note in their sandboxes how they
 * ended; it outlives us until the last of them has.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { encodeForPerl, perlProgram } from './launchers/perl.ts'
import { encodeForShell, shellProgram } from './launchers/shell.ts'
import { type ProcessEnd, readEnd } from './processEnds.ts'

export interface LaunchRequest {
  readonly runId: string
  readonly sandbox: string
  readonly env: Readonly<Record<string, string>>
  readonly argv: readonly string[]
  /** Links to be made in the sandbox once the run is begun there: where, and to what. */
  readonly links: readonly (readonly [path: string, to: string])[]
}

export type LaunchEvent =
  | { readonly type: 'started'; readonly runId: string; readonly pid: number }
  | { readonly type: 'failed'; readonly runId: string; readonly missing: boolean; readonly message: string }
  /** An earlier launcher was told to start it as well, and was first. */
  | { readonly type: 'taken'; readonly runId: string }
  | { readonly type: 'ended'; readonly runId: string; readonly end: ProcessEnd }
  /** The launcher is gone: of what it had not said, nothing will be heard any more. */
  | { readonly type: 'lost'; readonly message: string }

export interface Launcher {
  start(request: LaunchRequest): void
  /** Hears no more of it. What it started goes on and is waited for. */
  close(): void
}

export type LauncherKind = 'perl' | 'shell'

/** So long a launcher that has ended is still listened to. */
const lastWordsMs = 500

/** The better launcher that this machine has. */
export const findLauncher = (path: string): LauncherKind => (findProgram('perl', path) ? 'perl' : 'shell')

export function openLauncher(kind: LauncherKind, path: string, hear: (event: LaunchEvent) => void): Launcher {
  const encode = kind === 'perl' ? encodeForPerl : encodeForShell
  const child = spawnLauncher(kind, path)
  let lost = false
  const lose = (message: string) => {
    if (lost) return
    lost = true
    hear({ type: 'lost', message })
  }
  child.on('error', (error) => lose(error.message))
  // What was said before the end is still to be heard: 'close' comes after it, but waits for whoever holds the pipe.
  child.on('exit', (code, signal) => {
    const message = `the launcher ended (${signal ?? `code ${code}`})`
    child.on('close', () => lose(message))
    setTimeout(lose, lastWordsMs, message).unref()
  })
  // It is gone, and 'exit' says so.
  child.stdin?.on('error', () => {})
  listen(child, hear)
  return {
    start: (request) => void child.stdin?.write(encode(request)),
    close: () => {
      lost = true
      child.stdout?.removeAllListeners('data').destroy()
      child.stdin?.end()
      child.unref()
    },
  }
}

/** In a session of its own, so that a Ctrl-C for us is none for it; and without anything of our environment. */
function spawnLauncher(kind: LauncherKind, path: string): ChildProcess {
  const options = {
    detached: true,
    cwd: '/',
    env: { PATH: path },
    stdio: ['pipe', 'pipe', 'ignore'],
  } as const
  if (kind === 'perl') return spawn('perl', ['-e', perlProgram], { ...options, stdio: [...options.stdio] })
  const shell = spawn('sh', ['-s', 'proffer-launcher'], { ...options, stdio: [...options.stdio] })
  shell.stdin?.write(shellProgram)
  return shell
}

function listen(child: ChildProcess, hear: (event: LaunchEvent) => void): void {
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = readEvent(line)
      if (event) hear(event)
    }
  })
}

function readEvent(line: string): LaunchEvent | undefined {
  const [type = '', runId = '', word = '', ...words] = line.split(' ')
  if (type === 'started') return { type, runId, pid: Number(word) }
  if (type === 'taken') return { type, runId }
  if (type === 'failed') return { type, runId, missing: word === 'missing', message: words.join(' ') }
  const end = readEnd(`${word} ${words.join(' ')}`)
  return type === 'ended' && end ? { type, runId, end } : undefined
}

function findProgram(name: string, path: string): boolean {
  return path.split(':').some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
