/** What a page says, checked: whatever comes by a socket may come from anybody. */
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { livingThings } from '../../shared/trace.ts'
import type { Said } from './language.ts'

const Name = Type.String({ maxLength: 1024 })
const Words = Type.String({ maxLength: 4096 })
const Whole = Type.Integer({ minimum: 0, maximum: 2 ** 40 })
const optional = Type.Optional
const Living = Type.Union(livingThings.map((life) => Type.Literal(life)))
const SpanMs = optional(Type.Number({ minimum: 1, maximum: 7 * 86_400_000 }))
const Limit = optional(Type.Integer({ minimum: 1, maximum: 10_000 }))

const look = (picture: string, asks: Parameters<typeof Type.Object>[0]) =>
  Type.Object({
    do: Type.Literal('look'),
    slot: Name,
    picture: Type.Literal(picture),
    asks: Type.Object(asks),
  })
const question = (about: string, asks: Parameters<typeof Type.Object>[0]) =>
  Type.Object({
    do: Type.Literal('ask'),
    ref: Whole,
    question: Type.Object({ about: Type.Literal(about), ...asks }),
  })
const order = (what: string, asks: Parameters<typeof Type.Object>[0]) =>
  Type.Object({ do: Type.Literal(what), ...asks })

const Sayings = Type.Union([
  look('summary', {}),
  look('cluster', { search: optional(Name), knows: optional(Type.Number()) }),
  look('shares', { spanMs: SpanMs, buckets: Limit }),
  look('things', { search: Name, limit: Limit }),
  look('actor', { role: Name, id: Name, limit: Limit }),
  look('life', { life: Living, id: Name }),
  look('traffic', { chart: Name, spanMs: SpanMs }),
  look('conversation', {
    frameworkId: optional(Name),
    task: optional(Name),
    offerId: optional(Name),
    slaveId: optional(Name),
    types: optional(Type.Array(Name, { maxItems: 100 })),
    limit: Limit,
  }),
  look('timeline', { spanMs: SpanMs, skip: optional(Whole), limit: Limit, search: optional(Name) }),
  look('task', { task: Name }),
  order('lookAway', { slot: Name }),
  order('goTo', { position: Type.Union([Whole, Type.Literal('now')]) }),
  order('walk', { by: Type.Integer({ minimum: -1_000_000, maximum: 1_000_000 }) }),
  order('play', { speed: Type.Number({ minimum: 0, maximum: 10_000 }) }),
  order('seek', {
    what: Type.Union((['refused', 'broken', 'lost', 'gap'] as const).map((what) => Type.Literal(what))),
    back: Type.Boolean(),
  }),
  question('step', { position: Whole }),
  question('why', {
    frameworkId: Name,
    role: optional(Name),
    resources: optional(Words),
    attributes: optional(Words),
    after: optional(Name),
  }),
  question('whyTask', { frameworkId: Name, taskId: Name }),
  question('log', {
    task: Name,
    stream: Type.Union([Type.Literal('stdout'), Type.Literal('stderr')]),
    offset: Whole,
  }),
  question('kill', { task: Name, graceSeconds: optional(Type.Number({ minimum: 0, maximum: 86_400 })) }),
  question('drain', { slave: Name, withinSeconds: Type.Number({ minimum: 0, maximum: 31_536_000 }) }),
  question('reactivate', { slave: Name }),
])
const check = Compile(Sayings)

/** A sentence when it is none of what a page may say. */
export function readSaid(text: string): Said | string {
  try {
    const said: unknown = JSON.parse(text)
    return check.Check(said) ? (said as Said) : `This is nothing that a page says: ${text.slice(0, 200)}`
  } catch {
    return 'What a page says is JSON.'
  }
}
