/** `proffer up` as a process of its own, in a temporary folder of its own, so that all that it leaves can be seen. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { expect, vi } from 'vitest'
import { checkout } from '../install.ts'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export class UpProcess {
  readonly temporary = mkdtempSync(join(tmpdir(), 'proffer-test-up-'))
  readonly ended: Promise<Ended>
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #said = { stdout: '', stderr: '' }

  constructor(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [checkout, 'up', ...words], {
      env: { PATH: process.env['PATH'], HOME: this.temporary, TMPDIR: this.temporary, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#child[stream].setEncoding('utf8').on('data', (text: string) => {
        this.#said[stream] += text
      })
    }
    this.ended = once(this.#child, 'close').then(([code]) => ({ code: code as number | null, ...this.#said }))
  }

  /** Resolves when it has written so; rejects when it has ended before. */
  async says(stream: 'stdout' | 'stderr', words: string): Promise<void> {
    const early = this.ended.then((ended) =>
      Promise.reject(new Error(`it never said "${words}": ${said(ended)}`)),
    )
    early.catch(() => {})
    while (!this.#said[stream].includes(words)) await Promise.race([once(this.#child[stream], 'data'), early])
  }

  /** As a terminal does it: to every process of its group. */
  signal(signal: NodeJS.Signals): void {
    process.kill(-(this.#child.pid ?? 0), signal)
  }

  /** Nobody reads what it says any more. */
  deafen(): void {
    this.#child.stdout.destroy()
  }

  /** Processes that it, or whatever it has started, has started: all of them know its temporary folder. */
  processes(): { readonly pid: number; readonly command: string }[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/environ`).includes(this.temporary))
      .map((name) => ({ pid: Number(name), command: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ') }))
  }

  /** Nothing is left of it: no process, no file. */
  async leftNothing(): Promise<void> {
    await this.ended
    // A process that was told to end is gone a moment later.
    await vi.waitFor(() => expect(this.processes()).toEqual([]), { timeout: 10_000, interval: 20 })
    expect(readdirSync(this.temporary)).toEqual([])
  }

  /** Whatever became of it. */
  remove(): void {
    for (const { pid } of this.processes()) process.kill(pid, 'SIGKILL')
    rmSync(this.temporary, { recursive: true, force: true })
  }
}

const said = ({ code, stdout, stderr }: Ended) => `code ${code}\n${stdout}\n${stderr}`

/** Empty where a process has just gone, or is not ours. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
