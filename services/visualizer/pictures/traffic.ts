/** A chart with how many stand in each state, and how many took each way lately. */
import type { Living } from '../../../shared/trace.ts'
import { countUpTo } from '../chronicle/column.ts'
import type { TrafficAsked, TrafficPicture } from '../language.ts'
import type { Moment } from '../moment.ts'
import { NotThere } from '../notThere.ts'

const usualSpanMs = 60_000
/** Steps, or moves, are counted back so far at the most. */
const mostCounted = 200_000

const lives: Readonly<Record<string, Living>> = {
  offerLife: 'offer',
  taskLife: 'task',
  slaveLife: 'slave',
  frameworkLife: 'framework',
}
const roles = ['master', 'slave', 'scheduler', 'executor']

export function traffic(moment: Moment, { chart, spanMs = usualSpanMs }: TrafficAsked): TrafficPicture {
  const since = moment.at - spanMs
  const life = lives[chart]
  if (life) return { states: moment.world.counts(life), ways: waysOfLife(moment, life, since), refused: {} }
  if (!roles.includes(chart)) throw new NotThere(`There is no chart ${chart}.`)
  return { states: statesOfRole(moment, chart), ...waysOfRole(moment, chart, since) }
}

type Way = {
  -readonly [Field in keyof TrafficPicture['ways'][number]]: TrafficPicture['ways'][number][Field]
}

class Ways {
  readonly #ways = new Map<string, Way>()

  count(from: string, by: string, to: string, at: number): void {
    const key = `${from} ${by} ${to}`
    const way = this.#ways.get(key)
    if (way) way.count++
    else this.#ways.set(key, { from, by, to, count: 1, lastAt: at })
  }

  all(): Way[] {
    return [...this.#ways.values()]
  }
}

/** Back from the latest. */
function waysOfLife({ chronicle, position }: Moment, life: Living, since: number): Way[] {
  const { log, things } = chronicle
  const ways = new Ways()
  const end = log.countUpTo(position)
  for (let index = end - 1; index >= Math.max(0, end - mostCounted); index--) {
    const at = chronicle.time(log.position(index))
    if (at < since || log.position(index) < chronicle.first) break
    if (
      !log.counts(index) ||
      things.at(log.thing(index))?.life !== life ||
      log.before(index) === log.after(index)
    )
      continue
    ways.count(
      things.states.word(log.before(index)),
      things.facts.word(log.fact(index)),
      things.states.word(log.after(index)),
      at,
    )
  }
  return ways.all()
}

function waysOfRole({ chronicle, position }: Moment, role: string, since: number) {
  const ways = new Ways()
  const refused: Record<string, number> = {}
  for (let each = position; each >= Math.max(chronicle.first, position - mostCounted); each--) {
    if (chronicle.time(each) < since) break
    if (chronicle.actor(each)?.role !== role) continue
    const [from, to] = [chronicle.before(each), chronicle.after(each)]
    if (chronicle.isRefused(each)) refused[from] = (refused[from] ?? 0) + 1
    if (from !== to) ways.count(from, chronicle.heard(each), to, chronicle.time(each))
  }
  return { ways: ways.all(), refused }
}

function statesOfRole({ chronicle, position }: Moment, role: string): Record<string, number> {
  const states: Record<string, number> = {}
  for (const { role: own, positions } of chronicle.actors.all()) {
    const last = own === role ? positions[countUpTo(positions, position) - 1] : undefined
    if (last === undefined) continue
    const state = chronicle.after(last)
    states[state] = (states[state] ?? 0) + 1
  }
  return states
}
