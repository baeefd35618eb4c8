/** What several pictures say alike. */

import { effectInWords, type Step } from '../../../shared/trace.ts'
import type { Chronicle } from '../chronicle/chronicle.ts'
import type { Held } from '../chronicle/held.ts'
import type { Thing } from '../chronicle/things.ts'
import type { Amounts, LifeLine, Owner, StepLine } from '../language.ts'
import type { Moment } from '../moment.ts'

export const amounts = ([cpuMilli, memMb, diskMb, gpus]: Held): Amounts => ({
  cpus: cpuMilli / 1000,
  memMb,
  diskMb,
  gpus,
})

/** Frameworks that are there, by name: their numbers are those of their places in this list. */
export function ownersOf({ chronicle, world }: Moment): Owner[] {
  const owners: Owner[] = []
  for (const thing of chronicle.things.of('framework')) {
    if (world.state(thing) !== '' && world.state(thing) !== 'completed')
      owners.push({ frameworkId: thing.id, name: world.traits(thing).name ?? thing.id })
  }
  return owners
}

/** Slaves that are there, in the order in which they came. */
export function slavesOf({ chronicle, world }: Moment, search = ''): Thing[] {
  const slaves: Thing[] = []
  const wanted = search.toLowerCase()
  for (const thing of chronicle.things.of('slave')) {
    const state = world.state(thing)
    if (state === '' || state === 'gone') continue
    const { name = thing.id } = world.traits(thing)
    if (wanted === '' || name.toLowerCase().includes(wanted) || thing.id === search) slaves.push(thing)
  }
  return slaves
}

/** The moves of a thing up to a position, the oldest first; of very many the latest. */
export function lifeLines(chronicle: Chronicle, thing: Thing, upTo: number, most: number): LifeLine[] {
  const { log, things, actors } = chronicle
  const lines: LifeLine[] = []
  for (let i = thing.moves.length - 1; i >= 0 && lines.length < most; i--) {
    const index = thing.moves[i] as number
    const position = log.position(index)
    if (position > upTo) continue
    lines.push({
      position,
      at: chronicle.time(position),
      by: actors.at(log.by(index))?.key ?? 'asked',
      fact: things.facts.word(log.fact(index)),
      before: things.states.word(log.before(index)),
      after: things.states.word(log.after(index)),
    })
  }
  return lines.reverse()
}

/** What a message is about, in as few words as a trace's line needs. */
export function aboutMessage(chronicle: Chronicle, index: number): string {
  const { messages, steps } = chronicle
  const said = messages.saidIn(index)
  const [heard] = messages.heardIn(index)
  const position = said ?? heard
  const step = position === undefined ? undefined : steps.read(position)
  if (!step) return ''
  const effect = said === undefined ? undefined : step.effects[messages.effect(index)]
  const words = effect ? effectInWords(effect) : effectInWords({ ...step.heard, do: 'say' } as never)
  // `say offer.make offers=[...]`: the type is told already.
  return words.split(' ').slice(2).join(' ')
}

/** A step on one line. */
export function stepLine(chronicle: Chronicle, position: number, step: Step | undefined): StepLine {
  const missed = chronicle.missedBefore(position)
  const from = step && speakerOf(step)
  return {
    position,
    at: chronicle.time(position),
    heard: chronicle.heard(position),
    before: chronicle.before(position),
    after: chronicle.after(position),
    refused: chronicle.isRefused(position),
    effects: (step?.effects ?? []).map(effectInWords),
    ...(from && { from }),
    ...(missed > 0 && { missed }),
  }
}

function speakerOf({ heard }: Step): string | undefined {
  const from = heard.from as { role?: string; id?: string } | undefined
  return from?.role ? `${from.role} ${from.id ?? ''}`.trim() : undefined
}
