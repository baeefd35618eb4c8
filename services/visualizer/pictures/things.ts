/** Whatever has a name that was looked for. */
import { isOver, type Thing as LivingThing } from '../chronicle/things.ts'
import type { Thing, ThingsAsked, ThingsPicture } from '../language.ts'
import type { Moment } from '../moment.ts'

const usualLimit = 50
const mostLimit = 500

export function things(moment: Moment, { search, limit = usualLimit }: ThingsAsked): ThingsPicture {
  const wanted = search.trim().toLowerCase()
  const found = [...actorsOf(moment, wanted), ...livingOf(moment, wanted)]
  const shown = found.slice(0, Math.min(limit, mostLimit))
  return { things: shown, more: found.length - shown.length }
}

function actorsOf({ chronicle, position }: Moment, wanted: string): Thing[] {
  return chronicle.actors.all().flatMap(({ key, id, role, positions }) => {
    const [begun = 0] = positions
    if (begun > position || !key.toLowerCase().includes(wanted)) return []
    const last = positions.findLast((each) => each <= position) ?? begun
    return [{ kind: 'actor' as const, key, name: `${role} ${id}`, state: chronicle.after(last) }]
  })
}

/** What still is comes before what is over. */
function livingOf(moment: Moment, wanted: string): Thing[] {
  const { chronicle, world } = moment
  const there: Thing[] = []
  const over: Thing[] = []
  for (const thing of chronicle.things.all()) {
    const state = world.state(thing)
    if (state === '' || !isCalled(moment, thing, wanted)) continue
    const { life: kind, id: key } = thing
    ;(isOver(kind, state) ? over : there).push({ kind, key, name: world.traits(thing).name ?? key, state })
  }
  return [...there, ...over]
}

const isCalled = ({ world }: Moment, thing: LivingThing, wanted: string): boolean =>
  thing.id.toLowerCase().includes(wanted) ||
  (world.traits(thing).name?.toLowerCase().includes(wanted) ?? false)
