/**
 * Numbers for Prometheus. A gauge or a counter here is a question to whoever keeps that number anyway, asked when
 * somebody scrapes: between two scrapes it costs nothing. The only file that knows prom-client.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Labels, Reading } from './reading.ts'

export class Metrics {
  readonly #registry = new Registry()
  #scrapes = 0

  /** Those of the process and of Node.js come with it, by the names that they have everywhere. */
  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    this.#scrapes++
    return this.#registry.metrics()
  }

  /** Looked at once in each scrape, however many numbers are read of it. */
  perScrape<Seen>(look: () => Seen): () => Seen {
    let seen: { readonly at: number; readonly what: Seen } | undefined
    return () => {
      if (seen?.at !== this.#scrapes) seen = { at: this.#scrapes, what: look() }
      return seen.what
    }
  }

  gauge(name: string, help: string, read: () => Reading, ...labelNames: string[]): void {
    const gauge = new Gauge({
      ...{ name, help, labelNames, registers: [this.#registry] },
      collect: () => {
        gauge.reset()
        for (const [labels, value] of readings(read())) gauge.set(labels, value)
      },
    })
  }

  /** Only ever rises, but for a new beginning at 0. */
  counter(name: string, help: string, read: () => Reading, ...labelNames: string[]): void {
    const counter = new Counter({
      ...{ name, help, labelNames, registers: [this.#registry] },
      collect: () => {
        counter.reset()
        for (const [labels, value] of readings(read())) counter.inc(labels, value)
      },
    })
  }

  /** How long something takes; tell it each time, in ms. */
  timing(name: string, help: string, buckets: number[], ...labelNames: string[]) {
    const histogram = new Histogram({ name, help, buckets, labelNames, registers: [this.#registry] })
    return (ms: number, labels: Labels = {}): void => histogram.observe(labels, ms / 1000)
  }
}

const readings = (reading: Reading): Exclude<Reading, number> =>
  typeof reading === 'number' ? [[{}, reading]] : reading
