/** Memory and CPU of a master and a slave that have nothing to do, against a bare Node process with nats connected. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { withNats } from '../../integration/bus-world.ts'
import { Child } from '../child.ts'
import { cpuMs } from '../cpu.ts'
import { median } from '../figures.ts'
import type { Bench, Row } from '../row.ts'

const settleMs = 5000
const watchedMs = 10_000
const kibPerMib = 1024

interface Figures {
  readonly bareMib: number
  readonly masterMib: number
  readonly slaveMib: number
  readonly masterPercent: number
  readonly slavePercent: number
}

export async function idle(bench: Bench): Promise<readonly Row[]> {
  const rounds: Figures[] = []
  for (let round = 0; round < Math.ceil(bench.rounds / 2); round++) {
    const figures = await withNats(({ url }) => watchCluster(url, bench.amount(watchedMs)))
    rounds.push(figures)
    const { bareMib, masterMib, slaveMib } = figures
    bench.tell(`idle: ${[masterMib, slaveMib, bareMib].map(Math.round).join(', ')} MiB: master, slave, bare`)
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

async function watchCluster(url: string, watchMs: number): Promise<Figures> {
  const workDir = mkdtempSync(join(tmpdir(), 'proffer-bench-'))
  const isolated = ['--isolation', 'process', '--work-dir', workDir]
  const bare = await Child.start('echo', { url })
  const master = await Child.start('shipped', { words: ['master', '-s', url, '--log-level', 'error'] })
  const slave = await Child.start('shipped', {
    words: ['slave', '-s', url, '--log-level', 'error', ...isolated],
  })
  try {
    return await Promise.race([watch(bare, master, slave, watchMs), master.failed, slave.failed])
  } finally {
    for (const child of [slave, master, bare]) await child.stop()
  }
}

async function watch(bare: Child, master: Child, slave: Child, watchMs: number): Promise<Figures> {
  await pause(settleMs)
  const before = [master, slave].map(({ pid }) => cpuMs(pid))
  await pause(watchMs)
  const [masterPercent = 0, slavePercent = 0] = [master, slave].map(
    (child, i) => (100 * (cpuMs(child.pid) - (before[i] ?? 0))) / watchMs,
  )
  const [bareMib, masterMib, slaveMib] = [memoryMib(bare), memoryMib(master), memoryMib(slave)]
  return { bareMib, masterMib, slaveMib, masterPercent, slavePercent }
}

/** What it holds in memory, pages that it shares with others included. */
function memoryMib({ pid }: Child): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / kibPerMib
}

const memoryRow = (who: string, value: number, against: number): Row => ({
  name: `memory of an idle ${who}`,
  value,
  unit: 'MiB',
  against,
  limit: 'bare Node with nats connected',
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
