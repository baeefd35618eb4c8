/** The bus in numbers: whether each connection of a role stands, and what has gone over it. */
import type { Bus } from '../ports.ts'
import type { Metrics } from './metrics.ts'

/** By the names of the connections. */
export function exportBus(metrics: Metrics, buses: Readonly<Record<string, Bus>>): void {
  const links = Object.entries(buses).map(([connection, bus]) => ({ connection, bus, reconnects: 0 }))
  for (const link of links)
    link.bus.onLink(({ link: news }) => {
      if (news === 'reconnected') link.reconnects++
    })

  metrics.gauge(
    'proffer_bus_up',
    'Whether the link to NATS stands.',
    () => links.map(({ connection, bus }) => [{ connection }, bus.isUp ? 1 : 0] as const),
    'connection',
  )
  metrics.counter(
    'proffer_bus_reconnects_total',
    'How often the link to NATS was lost and found again.',
    () => links.map(({ connection, reconnects }) => [{ connection }, reconnects] as const),
    'connection',
  )
  const flows = (what: 'messages' | 'bytes') => () =>
    links.flatMap(({ connection, bus: { traffic } }) => [
      [{ connection, direction: 'in' }, traffic[`${what}In`]] as const,
      [{ connection, direction: 'out' }, traffic[`${what}Out`]] as const,
    ])
  metrics.counter(
    'proffer_bus_messages_total',
    'Messages to and from NATS.',
    flows('messages'),
    ...['connection', 'direction'],
  )
  metrics.counter('proffer_bus_bytes_total', 'Their bytes.', flows('bytes'), ...['connection', 'direction'])
}
