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
  while (!(await answers(url)));
  const rounds: Round[] = []
  for (let round = -warmUps; round < bench.amount(25); round++) {
    const [value, against] = [await msOf(proffer, 'state', '-s', url), await msOf('-e', '0')]
    if (round >= 0) rounds.push({ value, against })
  }
  return rounds
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

function rowOf(rounds: readonly Round[]): Row {
  const { value, against, ratio } = medianRound(rounds)
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
