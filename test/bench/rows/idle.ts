/** Memory and CPU of a master and a slave that have nothing to do, against a bare Node process with nats connected. */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Child } from '../child.ts'
import { median } from '../figures.ts'
import type { Bench, Row } from '../row.ts'
import { inWorld, type World } from '../world.ts'

const settleMs = 5000
const watchedMs = 10_000
/** What the kernel counts time by for /proc, whatever its own timer does. */
const ticksPerSecond = 100
const mib = 1024

export async function idle(bench: Bench): Promise<readonly Row[]> {
  const rounds: Figures[] = []
  for (let round = 0; round < Math.ceil(bench.rounds / 2); round++) {
    rounds.push(await inWorld({ slave: { cpus: 4, mem: 1024 } }, (world) => watch(world, bench)))
    bench.tell(`idle: ${JSON.stringify(rounds.at(-1))}`)
  }
  const of = (read: (figures: Figures) => number) => median(rounds.map(read))
  const bare = of(({ bareMib }) => bareMib)
  return [
    memoryRow(
      'master',
      of(({ masterMib }) => masterMib),
      bare,
    ),
    memoryRow(
      'slave',
      of(({ slaveMib }) => slaveMib),
      bare,
    ),
    cpuRow(
      'master',
      of(({ masterPercent }) => masterPercent),
    ),
    cpuRow(
      'slave',
      of(({ slavePercent }) => slavePercent),
    ),
  ]
}

interface Figures {
  readonly bareMib: number
  readonly masterMib: number
  readonly slaveMib: number
  readonly masterPercent: number
  readonly slavePercent: number
}

async function watch({ url, master, slave }: World, bench: Bench): Promise<Figures> {
  const bare = await Child.start('echo', { url })
  await pause(settleMs)
  const before = [master, slave].map(cpuSeconds)
  const seconds = bench.amount(watchedMs) / 1000
  await pause(seconds * 1000)
  const [masterPercent = 0, slavePercent = 0] = [master, slave].map(
    (child, i) => (100 * (cpuSeconds(child) - (before[i] ?? 0))) / seconds,
  )
  const figures = {
    bareMib: memoryMib(bare),
    masterMib: memoryMib(master),
    slaveMib: memoryMib(slave),
    masterPercent,
    slavePercent,
  }
  await bare.stop()
  return figures
}

/** What it holds in memory, pages that it shares with others included. */
function memoryMib({ pid }: Child): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / mib
}

function cpuSeconds({ pid }: Child): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  return (user + system) / ticksPerSecond
}

const memoryRow = (who: string, value: number, against: number): Row => ({
  name: `memory of an idle ${who}`,
  value,
  unit: 'MiB',
  against,
  limit: 'MiB: bare Node with nats connected',
  ratio: value / against,
  aim: 'ratio <= 2',
  met: value <= 2 * against,
})

const cpuRow = (who: string, value: number): Row => ({
  name: `CPU of an idle ${who}`,
  value,
  unit: '% of a core',
  aim: '< 2 %',
  met: value < 2,
})
