/** Tasks as bars on their slaves. */
import type { Chronicle } from '../chronicle/chronicle.ts'
import { isOver, type Thing } from '../chronicle/things.ts'
import type { Bar, TimelineAsked, TimelinePicture } from '../language.ts'
import type { Moment } from '../moment.ts'
import { ownersOf, slavesOf } from './parts.ts'

const usualSpanMs = 60_000
const usualSlaves = 40
const mostSlaves = 200
/** On one slave: where there are more, the oldest are left out. */
const mostBars = 400

export function timeline(moment: Moment, asked: TimelineAsked): TimelinePicture {
  const { at: to } = moment
  const from = to - (asked.spanMs ?? usualSpanMs)
  const owners = ownersOf(moment)
  const numbers = new Map(owners.map(({ frameworkId }, number) => [frameworkId, number]))
  const all = slavesOf(moment, asked.search)
  const skip = asked.skip ?? 0
  const shown = all.slice(skip, skip + Math.min(asked.limit ?? usualSlaves, mostSlaves))
  return {
    from,
    to,
    owners,
    slaves: shown.map((slave) => ({
      slaveId: slave.id,
      name: moment.world.traits(slave).name ?? slave.id,
      state: moment.world.state(slave),
      ...barsOf(moment, slave.id, from, numbers),
    })),
    slavesInAll: all.length,
  }
}

function barsOf(moment: Moment, slaveId: string, from: number, numbers: ReadonlyMap<string, number>) {
  const runs: Omit<Bar, 'row'>[] = []
  for (const task of moment.chronicle.things.tasksOn(slaveId))
    runs.push(...runsOf(moment, task, slaveId, from, numbers))
  runs.sort((a, b) => beginOf(a) - beginOf(b))
  const kept = runs.slice(-mostBars)
  return { bars: inRows(kept), more: runs.length - kept.length }
}

const beginOf = ({ phases }: Omit<Bar, 'row'>): number => phases[0]?.at ?? 0

/** A task id that is used again is another run. */
function runsOf(
  { chronicle, position, world }: Moment,
  task: Thing,
  slaveId: string,
  from: number,
  numbers: ReadonlyMap<string, number>,
): Omit<Bar, 'row'>[] {
  const runs: { phases: { state: string; at: number }[]; endedAt?: number; on: string }[] = []
  for (const { state, at, before, on } of countedMoves(chronicle, task, position)) {
    const last = runs.at(-1)
    if (!last || before === '' || last.endedAt !== undefined) {
      if (isOver('task', state)) continue
      runs.push({ phases: [{ state, at }], on: on ?? slaveId })
    } else {
      last.phases.push({ state, at })
      if (isOver('task', state)) last.endedAt = at
    }
  }
  const { frameworkId = '', name = task.id.slice(task.id.indexOf(' ') + 1) } = world.traits(task)
  const own = runs.filter(
    ({ on, endedAt }) => on === slaveId && (endedAt ?? Number.POSITIVE_INFINITY) >= from,
  )
  return own.map(({ phases, endedAt }) => ({
    task: task.id,
    name,
    owner: numbers.get(frameworkId) ?? -1,
    phases,
    ...(endedAt !== undefined && { endedAt }),
  }))
}

function* countedMoves(chronicle: Chronicle, task: Thing, upTo: number) {
  const { log, things } = chronicle
  for (const index of task.moves) {
    const position = log.position(index)
    if (position > upTo) return
    if (!log.counts(index)) continue
    yield {
      state: things.states.word(log.after(index)),
      before: things.states.word(log.before(index)),
      at: chronicle.time(position),
      on: log.retold(index)?.after.slaveId,
    }
  }
}

/** Each in the first row in which nothing is in its way. */
function inRows(runs: readonly Omit<Bar, 'row'>[]): Bar[] {
  const ends: number[] = []
  return runs.map((run) => {
    const begin = beginOf(run)
    const free = ends.findIndex((end) => end <= begin)
    const row = free < 0 ? ends.length : free
    ends[row] = run.endedAt ?? Number.POSITIVE_INFINITY
    return { ...run, row }
  })
}
