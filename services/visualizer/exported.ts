/** The page's server in numbers: who looks, what it holds for them, and whether there is anything to see. */
import type { Exporter } from '../runtime/exporter/exporter.ts'
import { ready, unready } from '../runtime/exporter/readiness.ts'
import type { Source } from './sources/source.ts'

export function exportPage(exporter: Exporter, source: Source, pages: () => number): void {
  const { metrics } = exporter
  const { chronicle } = source
  metrics.gauge('proffer_page_visitors', 'Pages that look at this moment.', pages)
  const kept = () => chronicle.length - chronicle.first
  metrics.gauge('proffer_page_steps', 'Steps that can be gone back to.', kept)
  const missed = () => chronicle.missed
  metrics.counter('proffer_page_missed_steps_total', 'Steps that were never heard of: gaps.', missed)
  exporter.readiness = () => (source.trouble ? unready(source.trouble) : ready('it shows what it hears'))
}
