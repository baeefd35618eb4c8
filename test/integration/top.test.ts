/** `proffer top` in a real terminal: it shows the cluster, survives its leader, and gives the terminal back. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Command, Shell } from './cli-world.ts'

let shell: Shell
let master: Command
beforeAll(async () => {
  shell = await Shell.open()
  master = shell.master('m1')
  const slave = shell.slave('s1', 'cpus:2;mem:512', 'rack:r1')
  await master.says('m1 leads', 'stderr')
  await slave.says('slave s1 is ', 'stderr')
})
afterAll(() => shell.close())

const enter = '\u001b[?1049h\u001b[?25l'
const home = '\u001b[H'
const toEndOfScreen = '\u001b[J'
const leave = '\u001b[?25h\u001b[?1049l'

/** A shell in a terminal of 80 by 24: its `stty` tells afterwards whether the terminal is as it was. */
class Screen {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  text = ''
  #look = () => {}

  constructor(...words: string[]) {
    const program = join(shell.installed, 'services/operator/proffer.js')
    const line = `stty rows 24 cols 80; ${process.execPath} ${program} top ${words.join(' ')}; echo "code $?"; stty -a`
    const env = {
      PATH: process.env['PATH'],
      NATS_URL: shell.nats.url,
      XDG_CONFIG_HOME: '/nowhere',
      TERM: 'xterm',
    }
    this.child = spawn('script', ['-qc', line, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'ignore'] })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.text += text
      this.#look()
    })
    this.ended = once(this.child, 'close')
  }

  /** What was drawn last: of the next picture only a part may have come. */
  get drawn(): string {
    const end = this.text.lastIndexOf(toEndOfScreen)
    return end < 0 ? '' : this.text.slice(this.text.lastIndexOf(home, end), end)
  }

  async shows(words: string | RegExp): Promise<void> {
    const isThere = () => (typeof words === 'string' ? this.drawn.includes(words) : words.test(this.drawn))
    await new Promise<void>((resolve) => {
      this.#look = () => isThere() && resolve()
      this.#look()
    })
  }

  press(keys: string): void {
    this.child.stdin?.write(keys)
  }

  /** What is there when it has ended. */
  async left(): Promise<string> {
    await this.ended
    return this.text.slice(this.text.lastIndexOf(leave))
  }
}

const asBefore = (code: number) =>
  new RegExp(`^${leave.replaceAll(/[[?]/g, '\\$&')}code ${code}\\r\\n[^]* icanon[^]* echo `)

describe.skipIf(!hasScript())('in a terminal', () => {
  test('it shows the cluster, obeys keys, and leaves nothing behind', async () => {
    const screen = new Screen('--seconds', '0.2')
    await screen.shows('s1 (')
    expect(screen.text).toContain(enter)
    expect(screen.drawn).toContain('m1 leads for')
    expect(screen.drawn).toContain('> FRAMEWORKS 0, largest share first')
    screen.press('\t')
    await screen.shows('> SLAVES 1, fullest first')
    screen.press('\u001b[C')
    await screen.shows('> SLAVES 1, most tasks first')
    screen.press('q')
    expect(await screen.left()).toMatch(asBefore(0))
  })

  test('Ctrl-C and a signal end it in the same way', async () => {
    const screen = new Screen()
    await screen.shows('m1 leads')
    screen.press('\u0003')
    expect(await screen.left()).toMatch(asBefore(0))
    const other = new Screen()
    await other.shows('m1 leads')
    const [inside = 0] = childrenOf(other.child.pid)
    const [program = 0] = childrenOf(inside)
    process.kill(program, 'SIGTERM')
    expect(await other.left()).toMatch(asBefore(0))
  })

  test('what fails is told on the screen that was there before', async () => {
    const screen = new Screen('-s', 'nats://127.0.0.1:1')
    await screen.ended
    expect(screen.text).toContain('proffer: No NATS server answers at nats://127.0.0.1:1')
    expect(screen.text).toContain('code 1')
    expect(screen.text).not.toContain(enter)
  })

  test('without a leader it says so, and shows the next one when there is one', async () => {
    const screen = new Screen('--seconds', '0.2')
    await screen.shows('m1 leads')
    await master.stop('SIGTERM')
    await screen.shows(/no master leads cluster main[^\n]*/)
    expect(screen.drawn).toContain('s1 (')
    master = shell.master('m2')
    await screen.shows('m2 leads')
    screen.press('q')
    expect(await screen.left()).toMatch(asBefore(0))
  })
})

describe('where the output is no terminal', () => {
  test('it is printed once', async () => {
    const { code, stdout, stderr } = await shell.run('top')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^proffer main {3}m\d leads for /)
    expect(stdout).toContain('SLAVES 1, fullest first')
    expect(stdout).not.toContain('\u001b')
  })

  test('or as one document', async () => {
    const seen = await shell.read<{ cluster: string; state: object; slaves: object[] }>('top')
    expect(Object.keys(seen)).toEqual(['cluster', 'state', 'frameworks', 'slaves', 'tasks'])
    expect(seen.slaves).toMatchObject([{ name: 's1', state: 'active' }])
  })
})

const childrenOf = (pid: number | undefined): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)

function hasScript(): boolean {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
