/**
 * Table 2 of the paper (Hindman et al., NSDI 2011, section 4.2): how long a job waits for its slots, how long it takes,
 * and how much of what it holds it uses; elastic or rigid, in a cluster whose tasks take T, all of them or on average.
 *
 * A job gets `k` slots as others' tasks leave them, the i-th after a time U_i; in all of them at once it would take
 * beta T. Constant durations, met somewhere within: U_i is even over 0..T, so the last comes after T and the middle
 * one after T/2. Exponential: after T ln k one slot is missing on average, and the mean of the last is
 * T (1 + 1/2 + ... + 1/k), which is T (ln k + 0.58); the middle of all is T. An elastic job works in each slot from U_i on,
 * so it is done when all t - U_i together are k beta T: at beta T + the middle of U_i. A rigid one begins
 * when the last slot comes, and what it held until then it has not used.
 *
 * The paper leaves out what matters less the more slots there are: that is the difference between its formula and
 * `exactly`. An elastic job is as if its work could be divided without end: its tasks here are a quarter of T long.
 */
import { arrive, type Job } from './arrival.ts'
import { type Durations, mean, seeds } from './setUp.ts'

export interface Line {
  readonly what: string
  readonly job: 'elastic' | 'rigid'
  readonly durations: Durations
  /** As the paper writes it, and what it is for the slots and the work here. */
  readonly formula: string
  readonly paper: number
  /** For so many slots. */
  readonly exactly: number
  readonly ours: number
}

const k = 24
const beta = 12
const piece = 0.25
/** The last of `k` slots comes early or late: its mean needs many runs. How much is worked does not. */
const runs = { constant: 12, exponential: 100 }
const elasticRuns = { constant: 2, exponential: 3 }

/** When the last slot comes, on average. */
const last = {
  constant: k / (k + 1),
  exponential: Array.from({ length: k }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b),
}
const middle = { constant: 1 / 2, exponential: 1 }
/** The same as the paper has it, and as it writes it. */
const lastInPaper = { constant: 1, exponential: Math.log(k) }

export function tableTwo(durations: Durations): Line[] {
  const job = { durations, slots: k }
  const long = seeds(runs[durations]).map((seed) =>
    arrive({ ...job, seed, work: 2 * k, kind: { piece: 2 * k } }),
  )
  const elastic = seeds(elasticRuns[durations]).map((seed) =>
    arrive({ ...job, seed, work: beta, kind: { piece } }),
  )
  const rigid = seeds(runs[durations]).map((seed) =>
    arrive({ ...job, seed: seed + 1000, work: beta, kind: 'rigid' }),
  )
  return [
    ...rampUpLines('elastic', durations, long),
    ...elasticLines(durations, elastic),
    ...rampUpLines('rigid', durations, rigid),
    ...rigidLines(durations, rigid),
  ]
}

function rampUpLines(job: Line['job'], durations: Durations, jobs: readonly Job[]): Line[] {
  const formula = durations === 'constant' ? 'T' : 'T ln k'
  const line = { job, durations, formula, paper: lastInPaper[durations] }
  const ours = mean(jobs.map(({ gotAt }) => gotAt.at(-1) ?? Number.NaN))
  const whole: Line = { ...line, what: 'ramp-up, to the last slot', exactly: last[durations], ours }
  if (durations === 'constant') return [whole]
  return [{ ...line, what: 'ramp-up, to one missing', exactly: Math.log(k), ours: oneMissing(jobs) }, whole]
}

/** When one slot was missing on average, over all runs. */
function oneMissing(jobs: readonly Job[]): number {
  const all = jobs.flatMap(({ gotAt }) => gotAt).sort((a, b) => a - b)
  return all[all.length - jobs.length] ?? Number.NaN
}

function elasticLines(durations: Durations, jobs: readonly Job[]): Line[] {
  const formula = durations === 'constant' ? '(1/2 + β) T' : '(1 + β) T'
  const takes = middle[durations] + beta
  const line = { job: 'elastic' as const, durations }
  return [
    { ...line, what: 'completion', formula, paper: takes, exactly: takes, ours: completion(jobs) },
    { ...line, what: 'utilisation', formula: '1', paper: 1, exactly: 1, ours: utilisation(jobs) },
  ]
}

function rigidLines(durations: Durations, jobs: readonly Job[]): Line[] {
  const isConstant = durations === 'constant'
  const used = (lastAt: number) => beta / (lastAt - middle[durations] + beta)
  const line = { job: 'rigid' as const, durations }
  return [
    {
      ...line,
      what: 'completion',
      formula: isConstant ? '(1 + β) T' : '(ln k + β) T',
      paper: lastInPaper[durations] + beta,
      exactly: last[durations] + beta,
      ours: completion(jobs),
    },
    {
      ...line,
      what: 'utilisation',
      formula: isConstant ? 'β / (1/2 + β)' : 'β / (ln k - 1 + β)',
      paper: used(lastInPaper[durations]),
      exactly: used(last[durations]),
      ours: utilisation(jobs),
    },
  ]
}

const completion = (jobs: readonly Job[]) => mean(jobs.map(({ completedAt }) => completedAt))
const utilisation = (jobs: readonly Job[]) => 1 / mean(jobs.map(({ utilisation }) => 1 / utilisation))
