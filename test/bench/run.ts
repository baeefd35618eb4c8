/** The rows, one after another. An aim that is missed is told in the table; it is no failure of the run. */
import { parseArgs } from 'node:util'
import { breakOff } from './child.ts'
import { conditions, memoryNs } from './conditions.ts'
import { toJson, toTable } from './print.ts'
import type { Bench, Measure, Row, Skipped } from './row.ts'
import { acceptToRunning } from './rows/acceptToRunning.ts'
import { allocator } from './rows/allocator.ts'
import { checkpoint } from './rows/checkpoint.ts'
import { commandStart } from './rows/commandStart.ts'
import { controlPlane } from './rows/controlPlane.ts'
import { curvesOf } from './rows/curves.ts'
import { docker } from './rows/docker.ts'
import { emulated } from './rows/emulated.ts'
import { failover, failoverStopped } from './rows/failover.ts'
import { idle } from './rows/idle.ts'
import { lifecycleCpu } from './rows/lifecycleCpu.ts'
import { noopTasks } from './rows/noopTasks.ts'
import { page } from './rows/page.ts'
import { polled } from './rows/polled.ts'
import { reoffered } from './rows/reoffered.ts'
import { schedulerFailover } from './rows/schedulerFailover.ts'
import { slaveRestart } from './rows/slaveRestart.ts'
import { watched } from './rows/watched.ts'

const rows: Readonly<Record<string, Measure>> = {
  noopTasks,
  checkpoint,
  controlPlane,
  acceptToRunning,
  reoffered,
  lifecycleCpu,
  idle,
  commandStart,
  docker,
  failover,
  failoverStopped,
  schedulerFailover,
  slaveRestart,
}
/** They take long: measured when they are named, or when everything is. */
const groups: Readonly<Record<string, Measure>> = {
  allocator,
  curves: curvesOf,
  emulated,
  page,
  polled,
  watched,
}
const all: Readonly<Record<string, Measure>> = { ...rows, ...groups }

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
  },
  allowPositionals: true,
})
const everything = positionals.includes('all')
const unknown = positionals.filter((name) => !all[name] && name !== 'all')
if (unknown.length > 0) {
  const known = [...Object.keys(all), 'all']
  console.error(`There is no row ${unknown.join(', ')}. There are: ${known.join(', ')}.`)
  process.exit(2)
}
let stopped = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopped = true
    breakOff()
  })
}
const wanted = everything ? Object.keys(all) : positionals
await measureAll(wanted.length > 0 ? wanted : Object.keys(rows)).catch((error: Error) => {
  if (!stopped) console.error(error)
  process.exit(stopped ? 130 : 1)
})

async function measureAll(names: readonly string[]): Promise<void> {
  const bench: Bench = {
    rounds: values.quick ? 3 : 5,
    amount: (full) => (values.quick ? Math.ceil(full / 5) : full),
    tell: (sentence) => void process.stderr.write(`${sentence}\n`),
  }
  const before = values.json ? Number.NaN : memoryNs()
  const measured: (Row | Skipped)[] = []
  for (const name of names) {
    const some = (await all[name]?.(bench)) ?? []
    measured.push(...some)
    if (values.json) for (const row of some) console.log(toJson(row))
  }
  if (!values.json) console.log(`${toTable(measured)}\n${conditions(values.quick, [before, memoryNs()])}`)
}
