/** `npm run chaos -- --minutes N [--seed S] [--verbose]`: real processes, killed and stopped, and an audit from outside. */
import { parseArgs } from 'node:util'
import { runChaos } from './run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
})
const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error(
    'usage: npm run chaos -- --minutes N [--seed S] [--verbose]: N is more than 0, S a whole number',
  )
  process.exit(2)
}
// What is to be done at the end is done then: nothing outlives us.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => process.exit(130))

const { broken, summary, folder } = await runChaos({
  seed,
  seconds: minutes * 60,
  spacingMs: 500,
  longestMs: 13_000,
  patienceMs: 90_000,
  tell: (line) => console.log(line),
})
for (const line of summary) console.log(line)
if (broken.length > 0) {
  const shown = values.verbose ? broken : broken.slice(0, 20)
  console.error(`broken:\n${shown.map((line) => `  ${line}`).join('\n')}`)
  if (broken.length > shown.length) console.error(`  and ${broken.length - shown.length} more: --verbose`)
  console.error(`logs and journals: ${folder}`)
  console.error(`repeat it with: npm run chaos -- --minutes ${values.minutes} --seed ${seed}`)
}
process.exit(broken.length > 0 ? 1 : 0)
