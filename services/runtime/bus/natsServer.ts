import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findNatsServer, type NatsProgram, NatsServerError } from './findNatsServer.ts'
import { configName, type Launch, launchOf } from './natsServerLaunch.ts'

export { type FindOptions, findNatsServer, type NatsProgram, NatsServerError } from './findNatsServer.ts'

export interface NatsServerOptions {
  /** Kept when the server stops; made when missing. */
  readonly storeDir: string
  /** On 127.0.0.1; 0 or absent for a free one. */
  readonly port?: number
  /** True unless said otherwise. */
  readonly jetstream?: boolean
  /** Lines of nats-server configuration to add. */
  readonly extraConfig?: string
  /** What to run; absent: what findNatsServer finds or brings. */
  readonly program?: NatsProgram
}

export interface NatsServer {
  readonly url: string
  readonly port: number
  /** Of nats-server, or of the docker command that runs it. */
  readonly pid: number
  readonly version: string
  /** Resolves when it has ended, for whatever reason, and nothing of ours is left but the store. */
  readonly ended: Promise<void>
  stop(): Promise<void>
  kill(signal: NodeJS.Signals): void
}

/** JetStream reads its whole store before it is ready: a big one on a slow disk takes its time. */
const readyMs = 30_000
/** A server that stops writes its store out first; after this it is not going to. */
const stopMs = 10_000
/** As much of the server's log as its last words may be. */
const keptLines = 20

/** Runs a nats-server on 127.0.0.1 that lives no longer than this process. Throws NatsServerError. */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const program = options.program ?? (await findNatsServer(process.env))
  const port = options.port ?? 0
  const storeDir = resolve(options.storeDir)
  makeStore(storeDir)
  const folder = mkdtempSync(join(tmpdir(), 'proffer-nats-'))
  const jetstream = options.jetstream ?? true
  const launch = launchOf(program, {
    folder,
    storeDir,
    port,
    jetstream,
    extraConfig: options.extraConfig ?? '',
  })
  writeFileSync(join(folder, configName), launch.config, { mode: 0o600 })

  const server = new ServerProcess(launch, folder)
  const heardPort = await server.ready(port)
  return {
    url: `nats://127.0.0.1:${heardPort}`,
    port: heardPort,
    pid: server.pid,
    version: program.version,
    ended: server.ended,
    stop: () => server.stop(),
    kill: (signal) => server.kill(signal),
  }
}

function makeStore(storeDir: string): void {
  try {
    mkdirSync(storeDir, { recursive: true })
  } catch (error) {
    throw new NatsServerError(`The store folder of nats-server cannot be made: ${(error as Error).message}`)
  }
}

class ServerProcess {
  readonly #launch: Launch
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly ended: Promise<void>
  #hasEnded = false
  #failure: Error | undefined
  #hearLine: (line: string) => void = () => undefined

  constructor(launch: Launch, folder: string) {
    this.#launch = launch
    // A group of its own: Ctrl-C is for us, and we stop the server when we no longer need it.
    this.#child = spawn(launch.command, launch.words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
    this.#child.on('error', (error) => {
      this.#failure = error
    })
    this.#readLog()
    const watcher = this.#child.pid === undefined ? undefined : watch(launch, this.#child.pid, folder)
    this.ended = this.#end(watcher, folder)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The port that it listens on, once it says that it is ready. */
  async ready(port: number): Promise<number> {
    const late = new AbortController()
    const outcome = await Promise.race([
      this.#readyLine(),
      this.ended.then(() => 'ended' as const),
      pause(readyMs, 'late' as const, { signal: late.signal }),
    ])
    late.abort()
    if (outcome === 'ended') throw this.#lastWords(port)
    if (outcome !== 'late') return this.#launch.portOf ? askPort(this.#launch.portOf) : outcome
    await this.stop()
    throw new NatsServerError(`nats-server was not ready after ${readyMs} ms: ${this.#lines.join('\n')}`)
  }

  async stop(): Promise<void> {
    this.kill('SIGTERM')
    const patience = setTimeout(() => this.kill('SIGKILL'), stopMs)
    await this.ended
    clearTimeout(patience)
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#hasEnded) return
    const line = this.#launch.killLine(signal.replace('SIG', ''))
    if (this.#launch.command === 'docker') spawn('sh', ['-c', line], { stdio: 'ignore' })
    else this.#child.kill(signal)
  }

  async #end(watcher: ChildProcess | undefined, folder: string): Promise<void> {
    await new Promise((resolve) => this.#child.once('close', resolve))
    this.#hasEnded = true
    await dismiss(watcher)
    rmSync(folder, { recursive: true, force: true })
  }

  #readLog(): void {
    let rest = ''
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#heard(line)
    })
    this.#child.stderr?.on('end', () => this.#heard(rest))
  }

  #heard(line: string): void {
    if (line === '') return
    this.#lines.push(line)
    if (this.#lines.length > keptLines) this.#lines.shift()
    this.#hearLine(line)
  }

  #readyLine(): Promise<number> {
    let port = 0
    return new Promise((resolve) => {
      this.#hearLine = (line) => {
        port = Number(/Listening for client connections on \S*:(\d+)/.exec(line)?.[1] ?? port)
        if (line.includes('Server is ready')) resolve(port)
      }
    })
  }

  #lastWords(port: number): NatsServerError {
    const words = this.#lines.slice(-3).join('\n') || this.#failure?.message || 'it said nothing'
    if (/address already in use|port is already allocated/i.test(words)) {
      return new NatsServerError(
        `Port ${port} of 127.0.0.1 is in use: stop what listens there, or choose another port`,
      )
    }
    return new NatsServerError(`nats-server did not start: ${words}`)
  }
}

/**
 * A shell that reads a pipe from us. When we die, however we die, the pipe ends and it stops the server and removes
 * the folder; when we have done so ourselves we tell it to go.
 */
function watch(launch: Launch, pid: number, folder: string): ChildProcess {
  const script = [
    'read -r _ && exit 0',
    'exec 2>/dev/null',
    launch.killLine('TERM'),
    `for _ in 1 2 3 4 5 6 7 8 9 10; do ${launch.aliveLine} >/dev/null || break; sleep 1; done`,
    `${launch.aliveLine} >/dev/null && ${launch.killLine('KILL')}`,
    'rm -rf "$2"',
  ].join('\n')
  const watcher = spawn('sh', ['-c', script, 'proffer-nats-watch', `${pid}`, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watcher.on('error', () => undefined)
  watcher.stdin?.on('error', () => undefined)
  watcher.unref()
  return watcher
}

async function dismiss(watcher: ChildProcess | undefined): Promise<void> {
  if (!watcher || watcher.exitCode !== null || watcher.signalCode !== null) return
  const gone = once(watcher, 'exit').catch(() => undefined)
  watcher.ref()
  watcher.stdin?.end('stopped\n')
  await gone
}

async function askPort(words: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)('docker', [...words])
  return Number(/:(\d+)\s*$/m.exec(stdout)?.[1])
}
