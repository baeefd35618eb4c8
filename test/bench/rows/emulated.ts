/**
 * Section 6.5 of the paper: very many emulated slaves, kept full by 200 frameworks with tasks of Normal(30 s, 10 s); then a
 * framework comes with one task of ten seconds. How much longer it takes than that is the overhead of it all.
 */
import { Emulated, type Load } from '../emulated.ts'
import { median, quantile, short } from '../figures.ts'
import type { Answer as Probe } from '../processes/probe.ts'
import type { Bench, Row } from '../row.ts'

const sizes = [1000, 10_000, 50_000]
const frameworks = 200
/** Of the tasks that keep it full: Normal(30 s, 10 s). */
const meanSeconds = 30
const probes = 20
const probeSeconds = 10
const everyMs = 2000
/** The paper's, on 99 machines. */
const paperMs = 750
const mostMs = 250

export async function emulated(bench: Bench): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const slaves of sizes) rows.push(...(await measure(bench, bench.amount(slaves))))
  return rows
}

async function measure(bench: Bench, slaves: number): Promise<Row[]> {
  const cluster = await Emulated.start({ slaves, frameworks, meanSeconds })
  try {
    const rampMs = await cluster.fill(bench.tell)
    bench.tell(`${slaves} slaves are full after ${short(rampMs)} ms`)
    await cluster.settle()
    const [answers, load] = await cluster.load(cluster.probe(probes, probeSeconds, everyMs))
    const failed = await cluster.failed()
    bench.tell(`${slaves} slaves: ${inWords(answers)}; ${loadInWords(load)}; ${failed} tasks failed`)
    return toRows(slaves, answers, load, failed)
  } finally {
    await cluster.stop()
  }
}

function toRows(slaves: number, answers: readonly Probe[], load: Load, failed: number): Row[] {
  const extra = answers.map(({ overMs }) => overMs - 1000 * probeSeconds)
  const [p50, max] = [median(extra), Math.max(...extra)]
  const name = `extra time of one 10 s task, ${slaves.toLocaleString('en-US')} emulated slaves`
  const shared = { unit: 'ms', against: paperMs, limit: "the paper's, on 99 machines" }
  return [
    {
      ...shared,
      name: `${name}, p50`,
      value: p50,
      ratio: p50 / paperMs,
      aim: `< ${mostMs} ms`,
      met: p50 < mostMs && failed === 0,
      note: `${frameworks} frameworks, ${loadInWords(load)}; ${answers.length} probes${failed > 0 ? `; ${failed} tasks failed` : ''}`,
    },
    { ...shared, name: `${name}, max`, value: max, ratio: max / paperMs, aim: 'told', met: true },
  ]
}

function inWords(answers: readonly Probe[]): string {
  const of = (name: keyof Probe) => answers.map((answer) => answer[name])
  const extra = of('overMs').map((ms) => ms - 1000 * probeSeconds)
  return [
    `extra p50 ${short(median(extra))} ms, p90 ${short(quantile(extra, 0.9))}, max ${short(Math.max(...extra))}`,
    `subscribed ${short(median(of('subscribedMs')))}`,
    `offered ${short(median(of('offeredMs')))}`,
    `running ${short(median(of('runningMs')))}`,
  ].join(', ')
}

const loadInWords = (load: Load): string =>
  [
    `${short(load.tasksPerSecond)} tasks/s`,
    `${short(load.messagesIn)} messages/s in and ${short(load.messagesOut)} out`,
    `of a core: master ${short(load.masterPercent)} %, bus ${short(load.busPercent)} %, slaves ${short(load.slavesPercent)} %, frameworks ${short(load.frameworksPercent)} %`,
  ].join(', ')
