/** What it costs that five people read the whole state of the cluster again and again: answers of the leader, and launches. */
import { setTimeout as pause } from 'node:timers/promises'
import { Child } from '../child.ts'
import { medianRound, quantile, type Round, short } from '../figures.ts'
import { noop } from '../noop.ts'
import type { Answer as Pings } from '../processes/pinger.ts'
import type { Answer as Read } from '../processes/reader.ts'
import type { Bench, Row } from '../row.ts'
import { inStanding, type Standing } from '../standing.ts'
import { Submitter } from '../submitter.ts'

const sizes = [10_000, 100_000]
const [slaves, frameworks, readers, inFlight] = [200, 20, 5, 1000]
const everyMs = 5
/** Until what was saved up for readers is read, and they are told no more than the leader has for them each second. */
const settleMs = 10_000
const mostMs = 20
const leastRatio = 0.9

export async function polled(bench: Bench): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const tasks of sizes)
    rows.push(
      ...(await inStanding({ slaves, frameworks, tasks, inFlight }, (world) => measure(bench, world, tasks))),
    )
  return rows
}

async function measure(bench: Bench, { url }: Standing, tasks: number): Promise<Row[]> {
  const pinger = await Child.start('pinger', { url })
  const crowd = await Promise.all(Array.from({ length: readers }, () => Child.start('reader', { url })))
  const submitter = await Submitter.start(url, noop.shape)
  const question = { count: bench.amount(2000), everyMs }
  const { ms: alone } = await pinger.ask<Pings>(question)
  const before = await readOf(crowd, true)
  const began = performance.now()
  const { ms: amid } = await pinger.ask<Pings>(question)
  const after = await readOf(crowd, true)
  const seconds = (performance.now() - began) / 1000
  const read = `${short((after.rows - before.rows) / seconds)} rows/s, all of it ${after.times - before.times} times`
  bench.tell(`${tasks} tasks: ${pingInWords(alone)} alone, ${pingInWords(amid)} polled; ${read}`)
  const launches = await launchesOf(bench, submitter, crowd)
  await submitter.stop()
  for (const child of [...crowd, pinger]) await child.stop()
  return [...pingRows(tasks, alone, amid, read), launchRow(tasks, launches)]
}

/** In pairs, polled first by turns: what else the machine does meanwhile, it does to both. */
async function launchesOf(bench: Bench, submitter: Submitter, crowd: readonly Child[]): Promise<Round[]> {
  const count = bench.amount(20_000)
  const rate = async (reads: boolean) => {
    await readOf(crowd, reads)
    await pause(settleMs)
    return (1000 * count) / (await submitter.run(count))
  }
  await submitter.run(count)
  const rounds: Round[] = []
  for (let round = 0; round < bench.rounds; round++) {
    const first = await rate(round % 2 === 0)
    const second = await rate(round % 2 !== 0)
    const [value, against] = round % 2 === 0 ? [first, second] : [second, first]
    bench.tell(`launches: ${short(value)}/s polled, ${short(against)}/s alone`)
    rounds.push({ value, against })
  }
  return rounds
}

/** From now on they read, or do not; what all of them have read so far. */
async function readOf(crowd: readonly Child[], reads: boolean): Promise<Read> {
  const answers = await Promise.all(crowd.map((child) => child.ask<Read>({ reads })))
  return {
    times: answers.reduce((sum, { times }) => sum + times, 0),
    rows: answers.reduce((sum, { rows }) => sum + rows, 0),
  }
}

const nameOf = (what: string, tasks: number) =>
  `${what}, five who read all of ${tasks.toLocaleString('en-US')} running tasks`

function pingRows(tasks: number, alone: readonly number[], amid: readonly number[], note: string): Row[] {
  return [
    { part: 0.5, called: 'p50' },
    { part: 0.99, called: 'p99' },
  ].map(({ part, called }) => {
    const [value, against] = [quantile(amid, part), quantile(alone, part)]
    const aim = { aim: `< ${mostMs} ms`, met: value < mostMs }
    const name = nameOf(`answer of the leader, ${called}`, tasks)
    return { name, value, unit: 'ms', against, limit: 'ms with nobody', ratio: value / against, ...aim, note }
  })
}

function launchRow(tasks: number, rounds: readonly Round[]): Row {
  const { value, against, ratio } = medianRound(rounds)
  return {
    name: nameOf('control plane alone, 1,000 in flight', tasks),
    value,
    unit: 'tasks/s',
    against,
    limit: 'with nobody who reads',
    ratio,
    aim: `ratio >= ${leastRatio}`,
    met: ratio >= leastRatio,
  }
}

const pingInWords = (ms: readonly number[]): string =>
  `answers in ${short(quantile(ms, 0.5))} ms, p99 ${short(quantile(ms, 0.99))}, at the most ${short(Math.max(...ms))}`
