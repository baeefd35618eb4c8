/**
 * The decisions of the leader alone, on one core: the grid of Mesos's own benchmarks of its allocator. What Mesos needs
 * was measured apart, with its own benchmarks on such cores, unless it is called published.
 */
import { Child } from '../child.ts'
import { median, short } from '../figures.ts'
import type { Answer, Given, Size } from '../processes/allocator.ts'
import type { Bench, Row } from '../row.ts'

/** Millions of refusals are in the books at once. */
const flags = ['--expose-gc', '--max-old-space-size=12288']

export async function allocator(bench: Bench): Promise<readonly Row[]> {
  return [
    ...(await declined(bench, { slaves: 10_000, frameworks: 1000 }, 600, 50)),
    ...(await declined(bench, { slaves: 50_000, frameworks: 100 }, 2300, 150)),
    ...(await quotas(bench, { slaves: 3000, frameworks: 3000 })),
    await freed(bench, { slaves: 50_000, frameworks: 200 }),
    await arrivals(bench, { slaves: 50_000, frameworks: 6000 }),
    await memory(bench, { slaves: 50_000, frameworks: 200 }),
  ]
}

/** The medians of several processes, each of which measures it once. */
async function measure(bench: Bench, what: Given['do'], size: Size, rounds = 3): Promise<Answer> {
  const answers: Answer[] = []
  for (let round = 0; round < bench.amount(rounds); round++)
    answers.push(await measureOnce({ do: what, ...size }))
  const names = Object.keys(answers[0] ?? {})
  const of = (name: string) => median(answers.map((answer) => answer[name] ?? Number.NaN))
  const answer = Object.fromEntries(names.map((name) => [name, of(name)]))
  bench.tell(`${what}, ${inWords(size)}: ${names.map((name) => `${name} ${short(of(name))}`).join(', ')}`)
  return answer
}

export async function measureOnce(given: Given): Promise<Answer> {
  const child = await Child.start('allocator', given, flags)
  try {
    return await child.ask<Answer>({})
  } finally {
    await child.stop()
  }
}

/** Ten million refusals take minutes to come about: once must do, with the median of many runs. */
async function declined(bench: Bench, size: Size, mesosMs: number, mostMs: number): Promise<Row[]> {
  const { lookMs = 0, changeUs = 0 } = await measure(bench, 'declined', size, 1)
  return [
    {
      name: `all slaves looked at, ${inWords(size)}, everything declined before`,
      value: lookMs,
      unit: 'ms',
      against: mesosMs,
      limit: 'Mesos, a run of its DeclineOffers benchmark',
      ratio: lookMs / mesosMs,
      aim: `< ${mostMs} ms`,
      met: lookMs < mostMs,
      note: 'a run that is made to look at every slave again, as the leader does every 30 s; no offer comes of it',
    },
    {
      name: `one task ends there, ${inWords(size)}, until its slave is offered`,
      value: changeUs,
      unit: 'us',
      against: 1000 * mesosMs,
      limit: 'Mesos, the same run: it has no other',
      ratio: changeUs / (1000 * mesosMs),
      aim: 'told',
      met: true,
      note: 'all but one framework refuse the slave',
    },
  ]
}

async function quotas(bench: Bench, size: Size): Promise<Row[]> {
  const { nothingMs = 0, lookMs = 0 } = await measure(bench, 'quotas', size)
  const shared = {
    unit: 'ms',
    against: 14_000,
    limit: 'Mesos, published; 10,200 measured',
    note: 'each role has all that its quota allows, and half of every slave is free',
  }
  return [
    {
      ...shared,
      name: `run that allocates nothing, ${inWords(size)}, a role with quota each`,
      value: nothingMs,
      ratio: nothingMs / shared.against,
      aim: '< 2 ms',
      met: nothingMs < 2,
      note: `${shared.note}; a framework revives, and the run that comes of it`,
    },
    {
      ...shared,
      name: `the same, made to look at all slaves`,
      value: lookMs,
      ratio: lookMs / shared.against,
      aim: 'told',
      met: true,
    },
  ]
}

async function freed(bench: Bench, size: Size): Promise<Row> {
  const { freedUs = 0 } = await measure(bench, 'freed', size)
  return {
    name: `one freed slave re-offered, ${inWords(size)}`,
    value: freedUs,
    unit: 'us',
    against: 1_000_000,
    limit: "Mesos's batch: what is freed waits for it",
    ratio: freedUs / 1_000_000,
    aim: '< 50 us',
    met: freedUs < 50,
    note: 'from hearing that a task has ended to saying the offer, one at a time, mean',
  }
}

async function arrivals(bench: Bench, size: Size): Promise<Row> {
  const { slavesMs = 0, frameworksMs = 0 } = await measure(bench, 'arrivals', size)
  const value = slavesMs + frameworksMs
  return {
    name: `adding ${inWords(size)} that subscribe and suppress`,
    value,
    unit: 'ms',
    against: 4300,
    limit: 'Mesos, for the slaves alone',
    ratio: value / 4300,
    aim: '< 1,000 ms',
    met: value < 1000,
    note: `${short(slavesMs)} ms for the slaves, each registered and heard from`,
  }
}

async function memory(bench: Bench, size: Size): Promise<Row> {
  const { heldMb = 0, offeredMb = 0 } = await measure(bench, 'memory', size)
  return {
    name: `memory of the ledger, ${inWords(size)}, 100,000 tasks`,
    value: heldMb,
    unit: 'MiB',
    aim: '< 300 MiB',
    met: heldMb < 300,
    note: `heap in use after a collection; ${short(offeredMb)} MiB with an offer of each slave on top`,
  }
}

const inWords = ({ slaves, frameworks }: Size): string =>
  `${slaves.toLocaleString('en-US')} slaves x ${frameworks.toLocaleString('en-US')} frameworks`
