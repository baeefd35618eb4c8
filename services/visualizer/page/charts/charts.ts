/** The charts as the page's server has them, and each as it is drawn: fetched, and laid out, once. */
import { signal } from '@preact/signals'
import type { ChartJson } from '../../../../statecharts/index.ts'
import { type Graph, graphOf } from './graph.ts'
import { type Layout, place } from './layout.ts'

export type Charts = Readonly<Record<string, ChartJson>>
export interface Drawn {
  readonly graph: Graph
  readonly layout: Layout
}
/** Something that is fetched or worked out: not yet, there, or why not. */
export type Got<Thing> = Thing | undefined | Error

export const charts = signal<Got<Charts>>(undefined)
const drawn = signal<ReadonlyMap<string, Got<Drawn>>>(new Map())

let fetching = false

/** Fetches the charts when they are wanted first, and again when that has failed. */
export function wantCharts(): void {
  if (fetching || (charts.value && !(charts.value instanceof Error))) return
  fetching = true
  charts.value = undefined
  fetchCharts()
    .catch((error: Error) => error)
    .then((got) => {
      charts.value = got
      fetching = false
    })
}

async function fetchCharts(): Promise<Charts> {
  const answer = await fetch('./charts.json')
  if (!answer.ok) throw new Error(`The server of this page has no charts: it answers ${answer.status}.`)
  return (await answer.json()) as Charts
}

/** The chart with its layout; undefined while that is being worked out. */
export function drawnChart(name: string, chart: ChartJson): Got<Drawn> {
  if (!drawn.value.has(name)) {
    keep(name, undefined)
    layOut(chart).then(
      (got) => keep(name, got),
      (error: Error) => keep(name, error),
    )
  }
  return drawn.value.get(name)
}

function keep(name: string, got: Got<Drawn>): void {
  drawn.value = new Map(drawn.peek()).set(name, got)
}

async function layOut(chart: ChartJson): Promise<Drawn> {
  // It is large, and no other view needs it.
  const { default: Elk } = await import('elkjs/lib/elk.bundled.js')
  const graph = graphOf(chart)
  return { graph, layout: await place(graph, new Elk()) }
}
