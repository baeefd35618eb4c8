/**
 * `npm run sim -- --seed N [--seeds M] [--jobs J] [--save FILE]`: random workloads in bad weather, each promise checked after each
 * step. Seeds are shared out among as many processes as there are processors.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openTraceFile } from '../../services/operator/traceFile.ts'
import { type Step, stepInWords } from '../../shared/trace.ts'
import { type Outcome, runSeed } from './workload.ts'

const { first, count, jobs, verbose, save } = readWords()
const file = save === undefined ? undefined : await openTraceFile(save)

interface Sum {
  readonly steps: number
  readonly launched: number
  readonly broken: readonly Outcome[]
}
const nothing: Sum = { steps: 0, launched: 0, broken: [] }
const plus = (a: Sum, b: Sum): Sum => ({
  steps: a.steps + b.steps,
  launched: a.launched + b.launched,
  broken: [...a.broken, ...b.broken],
})

/** Stops at the first seed that breaks a promise. */
function runSeeds(from: number, to: number): Sum {
  let sum = nothing
  for (let seed = from; seed < to && sum.broken.length === 0; seed++) {
    const outcome = runSeed(seed, hear)
    if (outcome.broken !== undefined) file?.write({ broken: outcome.broken })
    sum = plus(sum, { ...outcome, broken: outcome.broken === undefined ? [] : [outcome] })
  }
  return sum
}

/** A part of the seeds in a process of its own, which says what became of them. */
async function share(from: number, to: number): Promise<Sum> {
  const child = fork(fileURLToPath(import.meta.url), [
    '--seed',
    `${from}`,
    '--seeds',
    `${to - from}`,
    '--jobs',
    '1',
  ])
  const [sum] = (await once(child, 'message')) as [Sum]
  return sum
}

async function shareOut(): Promise<Sum> {
  const parts = Math.min(jobs, count)
  const bounds = Array.from({ length: parts + 1 }, (_, i) => first + Math.floor((i * count) / parts))
  const shares = bounds.slice(1).map((to, i) => share(bounds[i] ?? first, to))
  return (await Promise.all(shares)).reduce(plus)
}

function hear(step: Step, passed: number): void {
  file?.write(step)
  if (verbose) console.log(`${passed} ${stepInWords(step)}`)
}

const sum = jobs === 1 || count === 1 || verbose ? runSeeds(first, first + count) : await shareOut()
await file?.finish()
if (process.send) process.send(sum)
else {
  for (const { seed, steps, broken } of sum.broken)
    console.error(
      `seed ${seed}, after ${steps} steps: ${broken}\n` +
        `repeat it with: npm run sim -- --seed ${seed} --verbose\n` +
        `see it with: npm run sim -- --seed ${seed} --save seed.trace; npx proffer web seed.trace`,
    )
  if (sum.broken.length > 0) process.exit(1)
  console.log(
    `${count} seed${count === 1 ? '' : 's'} from ${first}: ${sum.launched} tasks, ${sum.steps} steps, every promise kept`,
  )
}

function readWords() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '1' },
        jobs: { type: 'string', default: `${availableParallelism()}` },
        verbose: { type: 'boolean', default: false },
        save: { type: 'string' },
      },
    })
    const { verbose, save } = values
    const [first, count, jobs] = [values.seed, values.seeds, values.jobs].map(Number) as [
      number,
      number,
      number,
    ]
    if (![first, count, jobs].every(Number.isSafeInteger)) throw new Error('N, M and J are whole numbers')
    if (count < 1 || jobs < 1) throw new Error('M and J begin at 1')
    if (save !== undefined && count > 1) throw new Error('--save takes one seed')
    return { first, count, jobs, verbose, save }
  } catch (error) {
    console.error((error as Error).message)
    console.error('usage: npm run sim -- [--seed N] [--seeds M] [--jobs J] [--verbose] [--save FILE]')
    process.exit(2)
  }
}
