/**
 * What the machine was like. Processors that others share may count as fast as ever and wait for their memory four times as
 * long: figures of different runs are compared by these.
 */
import { cpus } from 'node:os'
import { short } from './figures.ts'

export function conditions(quick: boolean, memory: readonly number[]): string {
  const [{ model } = { model: 'unknown' }] = cpus()
  const machine = `Node ${process.versions.node}, ${cpus().length} CPUs (${model})`
  const reads = memory.map((ns) => `${short(ns)} ns`).join(' before and ')
  return `${machine}; medians${quick ? ', quick' : ''}. A read of memory at random took ${reads} after.`
}

const words = 32 * 2 ** 20
const reads = 1e6

/** ns for one of many reads in 128 MiB, each of which says where the next one is. */
export function memoryNs(): number {
  const next = oneRound(words)
  let at = 0
  const began = performance.now()
  for (let i = 0; i < reads; i++) at = next[at] ?? 0
  const tookMs = performance.now() - began
  return at < 0 ? Number.NaN : (tookMs * 1e6) / reads
}

/** Sattolo's shuffle: every place is come by before the first is come by again. */
function oneRound(size: number): Int32Array {
  const places = Int32Array.from({ length: size }, (_, i) => i)
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * i)
    const place = places[i] ?? 0
    places[i] = places[j] ?? 0
    places[j] = place
  }
  return places
}
