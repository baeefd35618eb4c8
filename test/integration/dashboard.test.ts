/** The dashboard for Grafana: it can be laid out, its queries can be read, and each metric in them is scraped for real. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parser } from '@prometheus-io/lezer-promql'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCheckpoint } from '../../services/slave/checkpoint.ts'
import { Heard } from './bus-world.ts'
import { startTestCluster, type TestCluster } from './cluster-world.ts'
import { scrape } from './scrape.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[]
}
interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] }
  readonly panels: readonly Panel[]
}

const file = new URL('../../infra/grafana/dashboard.json', import.meta.url)
const dashboard = JSON.parse(readFileSync(file, 'utf8')) as Dashboard
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(
    ({ expr }) => [title, expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.*')] as const,
  ),
)

const folder = mkdtempSync(join(tmpdir(), 'proffer-dashboard-'))
const lines = new Heard<{ url?: string }>()
let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster({
    log: pino({ base: null }, { write: (line) => lines.add(JSON.parse(line)) }),
  })
  const listen = { host: '127.0.0.1', port: 0 }
  await cluster.addMaster('M0', {}, { listen })
  const { disk } = await openCheckpoint(folder)
  await cluster.addSlave('S0', { listen, recovered: { disk, records: [] } })
})
afterAll(async () => {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('it is a dashboard, and its panels lie side by side', () => {
  const { uid, title, schemaVersion, panels } = dashboard
  expect([uid, title]).toEqual(['proffer', 'Proffer'])
  expect(schemaVersion).toBeGreaterThanOrEqual(36)
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const taken = new Map<string, string>()
  for (const { title, gridPos } of panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.get(`${x} ${y}`), title).toBeUndefined()
        taken.set(`${x} ${y}`, title)
      }
  }
})

test('each panel asks for something, by names of its own', () => {
  for (const { type, targets = [], title } of dashboard.panels) {
    expect(targets.length > 0, title).toBe(type !== 'row')
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
  }
})

test.each(queries)('%s: %s can be read', (_title, expr) => {
  expect(nodesIn(expr).filter(({ name }) => name === '⚠')).toEqual([])
})

test('each metric that it names is there', async () => {
  const urls = (await lines.count(2)) && lines.all.flatMap(({ url }) => url ?? [])
  const types = new Map((await Promise.all(urls.map(scrape))).flatMap(({ types }) => [...types]))
  const seen = (name: string) =>
    types.has(name) || types.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram' || name === 'up'
  const named = new Set(queries.flatMap(([, expr]) => metricsIn(expr)))
  const inVariables = JSON.stringify(dashboard.templating).match(/proffer_\w+/g) ?? []
  expect(named.size).toBeGreaterThan(30)
  expect([...named, ...inVariables].filter((name) => !seen(name))).toEqual([])
})

const nodesIn = (expr: string): { name: string; text: string }[] => {
  const nodes: { name: string; text: string }[] = []
  parser.parse(expr).iterate({
    enter: ({ name, from, to }) => void nodes.push({ name, text: expr.slice(from, to) }),
  })
  return nodes
}
const metricsIn = (expr: string): string[] => {
  const nodes = nodesIn(expr)
  return nodes.flatMap(({ name, text }, i) =>
    name === 'Identifier' && nodes[i - 1]?.name === 'VectorSelector' ? [text] : [],
  )
}
