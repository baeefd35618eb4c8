/** `npm run sim -- --seed N [--seeds M]`: random workloads in bad weather, each promise checked after each step. */
import { parseArgs } from 'node:util'
import { runSeed } from './workload.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const count = Number(values.seeds)
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
  console.error('usage: npm run sim -- --seed N [--seeds M] [--verbose]: N and M are whole numbers, M from 1')
  process.exit(2)
}

let steps = 0
let launched = 0
for (let seed = first; seed < first + count; seed++) {
  const outcome = runSeed(
    seed,
    values.verbose ? (line) => console.log(line.slice(0, line.lastIndexOf(' '))) : undefined,
  )
  steps += outcome.steps
  launched += outcome.launched
  if (outcome.broken === undefined) continue
  console.error(
    `seed ${seed}, after ${outcome.steps} steps: ${outcome.broken}\nrepeat it with: npm run sim -- --seed ${seed} --verbose`,
  )
  process.exit(1)
}
console.log(
  `${count} seed${count === 1 ? '' : 's'} from ${first}: ${launched} tasks, ${steps} steps, every promise kept`,
)
