/** Seeds for what we forgot: a fixed set, one that nobody has seen, and one twice. */
import { expect, test } from 'vitest'
import { encode } from '../shared/codec.ts'
import { runSeed } from './sim/workload.ts'

const fixed = Array.from({ length: 40 }, (_, i) => i + 1)
const fresh = Math.floor(Math.random() * 2 ** 31)

const kept = (seed: number) => {
  const { broken } = runSeed(seed)
  expect(broken && `${broken}; repeat it with: npm run sim -- --seed ${seed} --verbose`).toBe(undefined)
}

test.each(fixed)('every promise is kept in the weather of seed %i', (seed) => kept(seed))

test(`every promise is kept in the weather of a fresh seed, ${fresh}`, () => kept(fresh))

test('one seed gives one trace, byte for byte, twice', () => {
  const trace = () => {
    const lines: string[] = []
    runSeed(7, (step, passed) => lines.push(`${passed} ${Buffer.from(encode(step)).toString('base64')}`))
    return lines.join('\n')
  }
  const first = trace()
  expect(first.length).toBeGreaterThan(100_000)
  expect(trace() === first).toBe(true)
})
