/** How each effect is carried out: one line for each, or this does not compile. */
import { assert } from '../../shared/assert.ts'
import type { Effect } from '../../statecharts/decision.ts'
import type { Actor, Cause, Ports } from './actor.ts'

/** Those that write to the disk are the gate's affair. */
type Performed = Exclude<Effect, { do: 'save' | 'compact' }>

type Performers = {
  readonly [Kind in Performed['do']]: (
    effect: Extract<Effect, { do: Kind }>,
    actor: Actor,
    ports: Ports,
    cause: Cause,
  ) => void
}

export function perform(effect: Performed, actor: Actor, ports: Ports, cause: Cause): void {
  const performer = performers[effect.do] as (effect: Effect, ...rest: [Actor, Ports, Cause]) => void
  performer(effect, actor, ports, cause)
}

const performers: Performers = {
  say: (effect, _actor, { post }) => post.say(effect),
  ask: (effect, actor, { post }) => {
    const { type, ref } = effect
    const hear = (answer: object) =>
      actor.hear({ type: `answer.${type}`, at: actor.now(), ref, answer } as { type: string; at: number })
    post.ask(effect, hear)
  },
  reply: ({ to, answer }, _actor, { post }) => post.reply(to, answer),
  wake: ({ name, at }, actor) => actor.wakeAt(name, at),
  listen: ({ address }, _actor, { post }) => post.listen(address),
  unlisten: ({ address }, _actor, { post }) => post.unlisten(address),
  note: ({ do: _, level, message, ...about }, { role, id }, { note }, cause) =>
    note(level, message, { role, id, ...cause, ...about }),
  // It is in the trace; there is nobody else to tell.
  refused: () => {},
  lease: (effect, actor, { lease }) => {
    assert(lease, `${actor.role} has no lease`)
    const { op, sentAt, floor } = effect
    lease.attempt(effect, (result) =>
      actor.hear({ type: 'lease.answered', at: actor.now(), op, sentAt, floor, result } as {
        type: string
        at: number
      }),
    )
  },
  load: ({ epoch }, actor, ports) =>
    registryOf(actor, ports).load(epoch, (loaded) =>
      actor.hear({ type: 'registry.loaded', at: actor.now(), epoch, ...loaded } as {
        type: string
        at: number
      }),
    ),
  keep: ({ epoch, key, entry }, actor, ports) =>
    registryOf(actor, ports).keep(epoch, key, entry, () =>
      actor.hear({ type: 'registry.kept', at: actor.now(), epoch, key } as { type: string; at: number }),
    ),
  hold: (effect, actor, { holdings }) => {
    const hear = (error?: Error) =>
      actor.hear({
        at: actor.now(),
        ...(error ? { type: 'holdings.failed', message: error.message } : { type: 'holdings.kept' }),
      } as { type: string; at: number })
    if (holdings) holdings.hold(effect, hear)
    else hear(new Error('this slave has no folder to keep it in'))
  },
  run: ({ run }, actor, ports) => isolationOf(actor, ports).start(run),
  adopt: ({ run }, actor, ports) => isolationOf(actor, ports).adopt(run),
  stop: ({ runId, graceSeconds }, actor, ports) => isolationOf(actor, ports).stop(runId, graceSeconds),
  forget: ({ runId }, actor, ports, cause) => {
    const { role, id } = actor
    isolationOf(actor, ports)
      .forget(runId)
      .catch((error: Error) =>
        ports.note('warn', `cannot clear away ${runId}: ${error.message}`, { role, id, ...cause }),
      )
  },
  readLog: ({ to, runId, stream, offset, limit, over }, actor, ports) => {
    isolationOf(actor, ports)
      .readLog(runId, stream, offset, limit)
      .then(
        (piece) => ports.post.reply(to, { ok: true, ...piece, over }),
        (error: Error) => ports.post.reply(to, { ok: false, code: 'log-gone', message: error.message }),
      )
  },
  tell: ({ news }, actor, { tell }) => {
    assert(tell, `${actor.role} has no author`)
    tell(news)
  },
  end: ({ code, message }, _actor, { end }) => end?.(code, message),
}

function registryOf(actor: Actor, { registry }: Ports) {
  assert(registry, `${actor.role} has no registry`)
  return registry
}

function isolationOf(actor: Actor, { isolation }: Ports) {
  assert(isolation, `${actor.role} runs nothing`)
  return isolation
}
