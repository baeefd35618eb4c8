/**
 * How often slaves speak: all of them together stay within a bound, whatever their number. Each is told its period when
 * it registers, and again, with one of its beats, when the cluster has grown or shrunk so much that another is right.
 */
import { hash } from '../../shared/digest.ts'
import { type Effect, type Heard, say } from '../decision.ts'
import { type Master, type Slave, toSlave } from './ledger.ts'

/** Periods are so far apart, so that they change seldom. */
const stepUp = 1.5
/** A period that is more than so many times too long is made shorter: well over a step, so that none goes to and fro. */
const tooLong = 2

/** The period that is right for as many slaves as there are now, s. */
export function periodOf({ slaves, settings }: Master): number {
  let seconds = settings.slaveBeatSeconds
  while (slaves.size > seconds * settings.maxBeatsPerSecond) seconds *= stepUp
  return seconds
}

/** What a slave that registers is told. */
export function paceOf(master: Master, slave: Slave): Pace {
  const beatSeconds = periodOf(master)
  slave.beatSeconds = beatSeconds
  return beatSeconds === master.settings.slaveBeatSeconds
    ? { beatSeconds }
    : { beatSeconds, nextBeatSeconds: beatSeconds * placeOf(slave) }
}
interface Pace {
  readonly beatSeconds: number
  readonly nextBeatSeconds?: number
}

/** A slave says with its beat how often it speaks. As long as that is not right it is told so, and waited for patiently. */
export function keepPace(master: Master, slave: Slave, heard: Heard<'slave.beat'>): Effect[] {
  const right = periodOf(master)
  // Nobody was told to speak more seldom than that, whatever he says.
  const beatSeconds = Math.min(heard.body.beatSeconds ?? slave.beatSeconds, slave.beatSeconds)
  slave.beatSeconds = beatSeconds
  if (beatSeconds >= right && beatSeconds <= tooLong * right) return []
  const told = say('slave.pace', toSlave(slave), { epoch: master.epoch, ...paceOf(master, slave) })
  slave.beatSeconds = Math.max(beatSeconds, right)
  return [told]
}

/** What is counted in beats of the usual length, by the period of this slave, s. */
export const stretched = ({ settings }: Master, { beatSeconds }: Slave, seconds: number): number =>
  (seconds * beatSeconds) / settings.slaveBeatSeconds

/** So long slaves take to come back to a new leader who knows of so many, s; undefined when all may come at once. */
export function returnSeconds({ slaves, settings }: Master): number | undefined {
  const seconds = slaves.size / settings.maxRegistrationsPerSecond
  return seconds > 1 ? seconds : undefined
}

/** 0..1, evenly among all slaves, and the same whenever it is asked for. */
const placeOf = ({ slaveId }: Slave): number => hash(slaveId) / 2 ** 32
