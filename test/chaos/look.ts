/** Looks at the cluster from outside: its own command, and a question a few times a second whether anybody leads. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Operator } from '../../services/operator/client.ts'
import { type ConnectionSettings, readConnection } from '../../services/runtime/bus/connection.ts'

export const connectionTo = (server: string): ConnectionSettings =>
  readConnection({ server }, { XDG_CONFIG_HOME: '/nowhere' })

export class LeaderWatch {
  readonly #operator: Operator
  readonly #timer: NodeJS.Timeout
  #lastSeen = Date.now()
  #longestMs = 0
  #isAsking = false

  private constructor(operator: Operator) {
    this.#operator = operator
    this.#timer = setInterval(() => void this.#look(), 200)
  }

  static async open(server: string): Promise<LeaderWatch> {
    const connection = connectionTo(server)
    const options = { connection, cluster: 'main', user: 'chaos', timeoutMs: 400 }
    return new LeaderWatch(await Operator.connect(options))
  }

  /** Of all times when nobody answered as the leader, the longest. */
  get longestMs(): number {
    return Math.max(this.#longestMs, Date.now() - this.#lastSeen)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#operator.close()
  }

  async #look(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    try {
      await this.#operator.ask('slaves.list', {})
      this.#longestMs = Math.max(this.#longestMs, Date.now() - this.#lastSeen)
      this.#lastSeen = Date.now()
    } catch {
      // Nobody leads, or nobody could be asked: the time goes on.
    } finally {
      this.#isAsking = false
    }
  }
}

/** What `proffer <what> --json` says; throws what it complains of. */
export async function listed<Row>(
  program: string,
  env: Readonly<Record<string, string>>,
  what: string,
): Promise<readonly Row[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, what, '--json'], {
    env: { ...env },
  })
  return JSON.parse(stdout) as Row[]
}
