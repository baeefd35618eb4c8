/** Looks at the cluster again and again, and draws what it sees, until somebody has seen enough. */
import { setTimeout as pause } from 'node:timers/promises'
import { BusError } from '../../runtime/bus/busError.ts'
import { type Operator, Refused } from '../client.ts'
import { lookAt } from './look.ts'
import { draw, type Look, layoutOf } from './screen.ts'
import { Terminal } from './terminal.ts'
import { afterKey, firstView } from './view.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export class Watch {
  readonly #operator: Operator
  readonly #everyMs: number
  readonly #terminal: Terminal
  /** Ended when it is to look again at once. */
  #waiting = new AbortController()
  readonly #ending = new AbortController()
  #view = firstView
  #look: Look | undefined
  #trouble: string | undefined

  constructor(operator: Operator, everyMs: number) {
    this.#operator = operator
    this.#everyMs = everyMs
    this.#terminal = new Terminal(process.stdin, process.stdout, {
      onKey: (key) => this.#heed(afterKey(this.#view, key)),
      onResize: () => this.#lookAgain(),
    })
  }

  /** Resolves when somebody has seen enough. */
  async run(): Promise<void> {
    const quit = () => this.#heed('quit')
    for (const signal of signals) process.on(signal, quit)
    this.#terminal.open()
    this.#draw()
    try {
      await Promise.race([this.#goOn(), ended(this.#ending.signal)])
    } finally {
      this.#terminal.close()
      for (const signal of signals) process.off(signal, quit)
    }
  }

  async #goOn(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      this.#waiting = new AbortController()
      await this.#lookOnce()
      this.#draw()
      await pause(this.#everyMs, undefined, { signal: this.#waiting.signal }).catch(() => {})
    }
  }

  /** A leader, or a bus, that is away may come back: whoever looks is told, and goes on looking. */
  async #lookOnce(): Promise<void> {
    const { orders } = this.#view
    try {
      this.#look = await lookAt(
        this.#operator,
        orders,
        (state) => layoutOf(state, this.#view, this.#terminal.height).rows,
      )
      this.#trouble = undefined
    } catch (error) {
      if (!(error instanceof Refused || error instanceof BusError)) throw error
      this.#trouble = error.message
    }
  }

  #draw(): void {
    const { width, height } = this.#terminal
    const shown = {
      ...{ cluster: this.#operator.cluster, view: this.#view, look: this.#look, trouble: this.#trouble },
      now: Date.now(),
    }
    this.#terminal.draw(draw(shown, width, height))
  }

  #heed(asked: ReturnType<typeof afterKey>): void {
    if (asked === undefined) return
    if (asked === 'quit') this.#ending.abort()
    else {
      this.#view = asked
      this.#lookAgain()
    }
  }

  #lookAgain(): void {
    this.#draw()
    this.#waiting.abort()
  }
}

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
