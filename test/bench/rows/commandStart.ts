/** From a command's start to its answer, as people wait for it: `proffer state`, against the start of a bare Node. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageFolder } from '../../../services/runtime/package.ts'
import { withNats } from '../../integration/bus-world.ts'
import { Child } from '../child.ts'
import { medianRound, type Round } from '../figures.ts'
import type { Bench, Row } from '../row.ts'

const run = promisify(execFile)
const proffer = join(packageFolder, 'services/operator/proffer.js')
const warmUps = 2
const rounds = 25
/** So often a master that has only just come may not lead yet. */
const mostTries = 100

export function commandStart(bench: Bench): Promise<readonly Row[]> {
  return withNats(async ({ url }) => {
    const master = await Child.start('shipped', { words: ['master', '-s', url, '--log-level', 'error'] })
    try {
      return [rowOf(await Promise.race([measure(bench, url), master.failed]))]
    } finally {
      await master.stop()
    }
  })
}

/** Each beside its limit. Resolves when there is a leader to ask. */
async function measure(bench: Bench, url: string): Promise<Round[]> {
  for (let tries = 1; !(await answers(url)); tries++)
    if (tries === mostTries) throw new Error('nobody leads, however often it is asked')
  const measured: Round[] = []
  for (let round = -warmUps; round < bench.amount(rounds); round++) {
    const [value, against] = [await msOf(proffer, 'state', '-s', url), await msOf('-e', '0')]
    if (round >= 0) measured.push({ value, against })
  }
  return measured
}

const answers = (url: string): Promise<boolean> =>
  msOf(proffer, 'state', '-s', url).then(
    () => true,
    () => false,
  )

async function msOf(...words: string[]): Promise<number> {
  const began = performance.now()
  await run(process.execPath, words)
  return performance.now() - began
}

function rowOf(measured: readonly Round[]): Row {
  const { value, against, ratio } = medianRound(measured)
  return {
    name: 'a command from its start to its answer (state)',
    value,
    unit: 'ms',
    against,
    limit: 'the start of a bare Node',
    ratio,
    aim: 'ratio <= 4',
    met: ratio <= 4,
  }
}
