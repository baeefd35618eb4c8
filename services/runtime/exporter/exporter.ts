/** What a long-running role shows to whoever asks by HTTP: its numbers, whether it lives, whether it does its work. */
import type { Note } from '../actor.ts'
import { version } from '../package.ts'
import { type ListenAddress, type Listener, listenOn, type Pages, plainPage } from './listener.ts'
import { Metrics } from './metrics.ts'
import { type Readiness, unready } from './readiness.ts'

export class Exporter {
  readonly metrics = new Metrics()
  /** Asked at each look at `/readyz`; a role that is up knows a better answer. */
  readiness = (): Readiness => unready('it is starting: it waits for NATS, or for JetStream')
  #listener: Listener | undefined

  /**
   * Before all else that a role needs, so that it can be asked while it waits for that; `about`: of which cluster it is,
   * and who. Rejects with ListenError.
   */
  static async open(
    address: ListenAddress,
    note: Note,
    about: Readonly<Record<string, string>>,
  ): Promise<Exporter> {
    const exporter = new Exporter()
    const labels = { ...about, version }
    const help = 'Always 1: of which cluster this is, in which role, by which name, and its version.'
    exporter.metrics.gauge('proffer_info', help, () => [[labels, 1]], ...Object.keys(labels))
    const listener = await listenOn(address, exporter.#pages())
    exporter.#listener = listener
    const { url } = listener
    note('info', `metrics and health are on ${url}: /metrics, /healthz, /readyz`, { url })
    return exporter
  }

  async close(): Promise<void> {
    await this.#listener?.close()
  }

  #pages(): Pages {
    const { metrics } = this
    return {
      '/metrics': async () => ({ status: 200, type: metrics.contentType, body: await metrics.text() }),
      // That anything is answered at all is the answer.
      '/healthz': () => plainPage(200, 'ok'),
      '/readyz': () => {
        const { ready, sentence } = this.readiness()
        return plainPage(ready ? 200 : 503, sentence)
      },
    }
  }
}
