/**
 * All that is known of what happened, step by step: what every picture is drawn from. It only grows at its end, and may
 * be told to let go of its beginning. Whole steps lie elsewhere; here is what finds them.
 */
import type { Move, Standing, Step } from '../../../shared/trace.ts'
import { Actors, missedBefore, type TracedActor } from './actors.ts'
import { Column, chunkSize, Words } from './column.ts'
import { lostAfterMs, Messages } from './messages.ts'
import { MoveLog } from './moveLog.ts'
import type { Steps } from './steps.ts'
import { isOver, Things } from './things.ts'
import { World } from './world.ts'

/** A promise that was broken, in the words of whoever found out. */
export interface Broken {
  readonly position: number
  readonly message: string
}

const isRefused = 1
const isAfterGap = 2

export class Chronicle {
  readonly steps: Steps
  readonly actors = new Actors()
  readonly things = new Things()
  readonly log = new MoveLog()
  readonly messages = new Messages((slaveId) => this.things.nameOf('slave', slaveId))
  /** As it is after all that is known. */
  readonly head = new World(this.things, this.log)
  readonly broken: Broken[] = []
  /** Gone-to positions begin here: what was before was let go. */
  first = 0
  missed = 0
  refused = 0
  /** Who leads, and since which step. */
  readonly reigns: { readonly position: number; readonly actor: TracedActor; readonly epoch: number }[] = []
  readonly #times = new Column('float64')
  readonly #actors = new Column('int32')
  readonly #heard = new Column('int32')
  readonly #befores = new Column('int32')
  readonly #afters = new Column('int32')
  readonly #flags = new Column('uint8')
  readonly #missed = new Map<number, number>()
  readonly #words = new Words()
  readonly #told = new Set<() => void>()

  constructor(steps: Steps) {
    this.steps = steps
  }

  get length(): number {
    return this.#times.length
  }
  get last(): number {
    return this.length - 1
  }

  /** Calls after each change; returns how to stop that. */
  onChange(tell: () => void): () => void {
    this.#told.add(tell)
    return () => this.#told.delete(tell)
  }

  time(position: number): number {
    return this.#times.at(position)
  }
  /** The first step after a time; those of different machines are in order only as far as their clocks agree. */
  firstAfter(time: number): number {
    return this.#times.firstAbove(time, this.first)
  }
  actor(position: number): TracedActor | undefined {
    return this.actors.at(this.#actors.at(position))
  }
  heard(position: number): string {
    return this.#words.word(this.#heard.at(position))
  }
  before(position: number): string {
    return this.#words.word(this.#befores.at(position))
  }
  after(position: number): string {
    return this.#words.word(this.#afters.at(position))
  }
  isRefused(position: number): boolean {
    return (this.#flags.at(position) & isRefused) !== 0
  }
  isAfterGap(position: number): boolean {
    return (this.#flags.at(position) & isAfterGap) !== 0
  }
  /** Steps of this actor that are missing just before this one. */
  missedBefore(position: number): number {
    return this.#missed.get(position) ?? 0
  }

  /** Whether whoever goes by this name would have told what he heard. `master`: any of them. */
  isListening(lane: string): boolean {
    if (lane !== 'master') return this.actors.get(lane) !== undefined
    return this.actors.all().some(({ role }) => role === 'master')
  }

  /** Whether nobody had heard a message by then, though it was time and whoever should have tells what he hears. */
  isLost(index: number, upTo = this.last): boolean {
    const said = this.messages.saidIn(index)
    if (said === undefined || this.messages.heardIn(index).some((position) => position <= upTo)) return false
    const passed = this.time(Math.max(0, upTo)) - this.time(said)
    return passed > lostAfterMs && this.isListening(this.messages.to(index))
  }

  /** The next step, which `steps` has already. */
  append(step: Step): void {
    const position = this.length
    const actor = this.actors.found(step.role, step.id)
    const refused = step.effects.some(turnsDown)
    const missed = this.#missedOf(actor, step.n, position)
    this.#times.push(step.at)
    this.#actors.push(actor.index)
    this.#heard.push(this.#words.code(step.heard.type))
    this.#befores.push(this.#words.code(step.before))
    this.#afters.push(this.#words.code(step.after))
    this.#flags.push((refused ? isRefused : 0) | (missed > 0 ? isAfterGap : 0))
    actor.positions.push(position)
    if (refused) this.refused++
    if (step.role === 'master' && step.after === 'leading' && step.before !== 'leading')
      this.#noteReign(position, actor, step)
    for (const move of step.moves ?? []) this.#noteMove(position, actor, move)
    this.messages.note(position, step)
    this.head.goTo(position)
    this.#tell()
  }

  /** How things stand, as the leader says when he is asked. What is not among them is not there any more. */
  know({ known: all, leader }: Standing): void {
    const position = Math.max(this.last, 0)
    const last = this.reigns.at(-1)
    const actor = this.actors.found('master', leader.name)
    if (last?.actor !== actor || last.epoch !== leader.epoch)
      this.reigns.push({ position: this.last, actor, epoch: leader.epoch })
    const there = new Set(all.map(({ life, id }) => `${life} ${id}`))
    for (const thing of this.things.all()) {
      const state = this.things.states.word(thing.state)
      if (thing.state === 0 || isOver(thing.life, state) || there.has(`${thing.life} ${thing.id}`)) continue
      const { life, id } = thing
      this.#move(position, -1, { life, id, fact: 'gone', before: '', after: '' }, true)
    }
    for (const { life, id, after, of } of all)
      this.#move(position, -1, { life, id, fact: 'known', before: '', after, of }, true)
    this.head.goTo(position)
    this.#tell()
  }

  /** Nobody watches for a while: what happens then is no loss. */
  pause(): void {
    this.actors.beginAnew()
  }

  break(message: string, position = this.last): void {
    this.broken.push({ position, message })
    this.#tell()
  }

  /** Lets go of the oldest steps, so that no more than so many are left; in whole chunks. */
  keepAtMost(most: number): void {
    const first = Math.floor((this.length - most) / chunkSize) * chunkSize
    if (first <= this.first) return
    this.first = first
    const columns = [this.#times, this.#actors, this.#heard, this.#befores, this.#afters, this.#flags]
    for (const column of columns) column.dropBelow(first)
    this.steps.dropBelow(first)
    this.messages.dropBelow(first)
    const move = this.log.countUpTo(first - 1)
    this.log.dropBelow(move)
    for (const actor of this.actors.all()) drop(actor.positions, first)
    for (const thing of this.things.all()) {
      drop(thing.moves, move)
      if (thing.moves.length === 0 && isOver(thing.life, this.things.states.word(thing.state)))
        this.things.forget(thing)
    }
    for (const position of this.#missed.keys()) if (position < first) this.#missed.delete(position)
  }

  #missedOf(actor: TracedActor, n: number, position: number): number {
    const missed = missedBefore(actor, n)
    if (missed > 0) this.#missed.set(position, missed)
    this.missed += missed
    return missed
  }

  /** Another leader: of the offers that his predecessor has made nobody will hear again. */
  #noteReign(position: number, actor: TracedActor, { heard, effects }: Step): void {
    const said = effects.find((effect) => (effect as { type?: string }).type === 'master.elected')
    const epoch = (said as { body?: { epoch?: number } } | undefined)?.body?.epoch ?? heard.epoch
    this.reigns.push({ position, actor, epoch: typeof epoch === 'number' ? epoch : 0 })
    for (const { life, id } of [...this.things.pending])
      this.#move(position, actor.index, { life, id, fact: 'rescind', before: '', after: 'rescinded' }, true)
  }

  #noteMove(position: number, actor: TracedActor, move: Move): void {
    const ends = isOver(move.life, move.after)
    const thing = this.things.get(move.life, move.id)
    const open = thing && thing.state !== 0 && !isOver(thing.life, this.things.states.word(thing.state))
    // Whoever else has seen its end: with a leader that is gone there may be nobody else to tell.
    this.#move(position, actor.index, move, actor.role === 'master' || (ends && open === true))
  }

  #move(position: number, by: number, move: Move, counts: boolean): void {
    const { states, facts, pending } = this.things
    const thing = this.things.found(move)
    const after = states.code(move.after)
    const before = counts ? thing.state : states.code(move.before)
    const retold =
      counts && move.of ? { before: thing.traits, after: { ...thing.traits, ...move.of } } : undefined
    if (retold) this.things.describe(thing, retold.after)
    thing.moves.push(
      this.log.push(position, {
        thing,
        fact: facts.code(move.fact),
        before,
        after,
        by,
        counts,
        ...(retold && { retold }),
      }),
    )
    if (!counts) return
    thing.state = after
    if (move.life === 'offer') pending[move.after === 'pending' ? 'add' : 'delete'](thing)
  }

  #tell(): void {
    for (const tell of this.#told) tell()
  }
}

/** An effect by which somebody is told no, or would have been. */
function turnsDown(effect: { readonly do: string; readonly answer?: { readonly ok?: boolean } }): boolean {
  return effect.do === 'refused' || (effect.do === 'reply' && effect.answer?.ok === false)
}

function drop(sorted: number[], below: number): void {
  let count = 0
  while (count < sorted.length && (sorted[count] as number) < below) count++
  if (count > 0) sorted.splice(0, count)
}
