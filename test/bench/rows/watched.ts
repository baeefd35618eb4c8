/** What it costs that somebody watches every step of every role; and that nothing is left of it when he has gone. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Amounts } from '../../../services/scheduler/task.ts'
import { Child } from '../child.ts'
import { medianRound, short } from '../figures.ts'
import { noop } from '../noop.ts'
import type { Answer } from '../processes/watcher.ts'
import type { Bench, Row } from '../row.ts'
import { type Shape, Submitter } from '../submitter.ts'
import { inWorld } from '../world.ts'

const leastRatio = 0.9
/** So near to one another two rates are no different: as near as two of the same are. */
const leastAfter = 0.95
/** Longer than a watch that nobody renews. */
const endedMs = 6000

interface Kind {
  readonly name: string
  readonly shape: Shape
  readonly slave: Amounts
  /** In one go. */
  readonly tasks: number
}
const trueShape = { command: ['/bin/true'], cpus: 0.1, mem: 16 }
/** Tasks as people launch them, and tasks that are nothing but messages. */
const kinds: readonly Kind[] = [
  {
    name: '1,000 tasks of /bin/true',
    shape: trueShape,
    slave: { cpus: 64 * trueShape.cpus, mem: 64 * trueShape.mem },
    tasks: 1000,
  },
  {
    name: 'control plane alone, 1,000 in flight',
    shape: noop.shape,
    slave: noop.roomFor(1000),
    tasks: 20_000,
  },
]

interface Turn {
  readonly before: number
  readonly amid: number
  readonly after: number
}

export async function watched(bench: Bench): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const kind of kinds) rows.push(...toRows(kind, await measure(bench, kind)))
  return rows
}

const measure = (bench: Bench, { shape, slave, tasks }: Kind): Promise<Turn[]> =>
  inWorld({ slave }, async ({ url }) => {
    const submitter = await Submitter.start(url, shape)
    const watcher = await Child.start('watcher', { url })
    const rate = async () => (1000 * tasks) / (await submitter.run(tasks))
    await rate()
    const turns: Turn[] = []
    for (let round = 0; round < bench.rounds; round++) {
      const before = await rate()
      const { steps: none } = await watcher.ask<Answer>({ watches: true })
      await pause(1000)
      const amid = await rate()
      const { steps } = await watcher.ask<Answer>({ watches: false })
      await pause(endedMs)
      const after = await rate()
      turns.push({ before, amid, after })
      bench.tell(
        `${short(before)} tasks/s, watched ${short(amid)} (${short((steps - none) / tasks)} steps a task), then ${short(after)}`,
      )
    }
    await submitter.stop()
    await watcher.stop()
    return turns
  })

function toRows({ name }: Kind, turns: readonly Turn[]): Row[] {
  const amid = medianRound(
    turns.map(({ before, amid, after }) => ({ value: amid, against: (before + after) / 2 })),
  )
  const after = medianRound(turns.map(({ before, after }) => ({ value: after, against: before })))
  return [
    {
      name: `${name}, every step watched`,
      ...amid,
      unit: 'tasks/s',
      limit: 'with nobody who watches',
      aim: `ratio >= ${leastRatio}`,
      met: amid.ratio >= leastRatio,
    },
    {
      name: `${name}, when nobody watches any more`,
      ...after,
      unit: 'tasks/s',
      limit: 'before somebody did',
      aim: `no difference: ratio >= ${leastAfter}`,
      met: after.ratio >= leastAfter,
    },
  ]
}
