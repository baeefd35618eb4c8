/** The `proffer` command as people get it: compiled, packed, and run as child processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installedAt } from '../install.ts'
import { startTestNats, type TestNats } from './bus-world.ts'

/** What `npm pack` would ship, where it stands as it is installed. */
const installed = process.env[installedAt] ?? ''

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** One command: what it says can be waited for. */
export class Command {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  stdout = ''
  stderr = ''
  readonly #hearers = new Set<() => void>()

  constructor(program: string, words: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, [program, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of ['stdout', 'stderr'] as const)
      this.child[stream]?.setEncoding('utf8').on('data', (text: string) => this.#hear(stream, text))
    this.finished = once(this.child, 'close').then(([code]) => {
      const { stdout, stderr } = this
      for (const hear of this.#hearers) hear()
      return { code: code as number | null, stdout, stderr }
    })
  }

  /** Resolves when it has said so; rejects when it ends without. */
  says(words: string | RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    const said = () => (typeof words === 'string' ? this[stream].includes(words) : words.test(this[stream]))
    return new Promise((resolve, reject) => {
      const look = () => {
        if (said()) resolve()
        else if (this.child.exitCode !== null)
          reject(
            new Error(
              `it ended with ${this.child.exitCode} and never said ${words}:\n${this.stdout}${this.stderr}`,
            ),
          )
        else return
        this.#hearers.delete(look)
      }
      this.#hearers.add(look)
      look()
    })
  }

  async stop(signal: NodeJS.Signals): Promise<Finished> {
    this.child.kill(signal)
    return this.finished
  }

  #hear(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text
    for (const hear of this.#hearers) hear()
  }
}

/** A shell in front of a bus: the command, a folder for files, and an end for all that was begun. */
export class Shell {
  readonly nats: TestNats
  readonly folder = mkdtempSync(join(tmpdir(), 'proffer-test-cli-'))
  readonly #begun: Command[] = []

  private constructor(nats: TestNats) {
    this.nats = nats
  }

  static async open(): Promise<Shell> {
    return new Shell(await startTestNats())
  }

  begin(...words: string[]): Command {
    const env = { PATH: process.env['PATH'], NATS_URL: this.nats.url, XDG_CONFIG_HOME: '/nowhere' }
    const command = new Command(join(installed, 'services/operator/proffer.js'), words, env)
    this.#begun.push(command)
    return command
  }

  /** A command that was begun in another way ends with the others. */
  adopt(command: Command): void {
    this.#begun.push(command)
  }

  /** What was begun last ends as by Ctrl-C. */
  async stopNewest(): Promise<void> {
    await this.#begun.at(-1)?.stop('SIGINT')
  }

  run(...words: string[]): Promise<Finished> {
    return this.begin(...words).finished
  }

  /** What it answers as JSON, without a complaint. */
  async read<Answer>(...words: string[]): Promise<Answer> {
    const { stdout, stderr } = await this.run(...words, '--json')
    if (stderr !== '') throw new Error(stderr)
    return JSON.parse(stdout) as Answer
  }

  /** Where the package stands as it is installed. */
  get installed(): string {
    return installed
  }

  /** Its lease is short, so that another may soon follow. */
  master(name: string, ...more: string[]): Command {
    const lease = [
      '--lease-ttl-seconds',
      '3',
      '--lease-margin-seconds',
      '0.5',
      '--standby-poll-seconds',
      '0.2',
    ]
    return this.begin('master', '--name', name, ...lease, ...more)
  }

  /** A slave of plain processes; what it runs ends with it. */
  slave(name: string, resources: string, attributes: string): Command {
    const machine = ['--resources', resources, '--attributes', attributes]
    const kept = ['--isolation', 'process', '--work-dir', join(this.folder, 'work'), '--kill-on-stop']
    return this.begin('slave', '--name', name, ...machine, ...kept)
  }

  /** A line for a shell that says that it is up, and ends when it is let go. */
  untilLetGo(name: string): string {
    return `echo up; until [ -e ${join(this.folder, name)} ]; do sleep 0.05; done`
  }

  letGo(name: string): void {
    writeFileSync(join(this.folder, name), '')
  }

  /** The oldest, on which the others lean, last. */
  async close(): Promise<void> {
    for (const command of this.#begun.reverse())
      if (command.child.exitCode === null && command.child.signalCode === null) await command.stop('SIGKILL')
    await this.nats.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
