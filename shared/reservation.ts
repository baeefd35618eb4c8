/** What of a slave is for one role alone, as people write it on a command line: `ads=cpus:1;mem:512`. */
import type { Reservation } from './messages.ts'
import { fits, inWords, isNone, type Resources, sum } from './resources.ts'
import { flawOfRole } from './roles.ts'
import { parseResources } from './written.ts'

/** Reservations of one slave, one for each role. Whatever makes no sense is refused with a RangeError that says why. */
export function parseReservations(texts: readonly string[]): Reservation[] {
  const reservations = texts.map(parseReservation)
  const roles = reservations.map(({ role }) => role)
  const twice = roles.find((role, i) => roles.indexOf(role) < i)
  if (twice !== undefined) throw new RangeError(`role ${twice} stands twice: give it once, with all of it`)
  return reservations
}

function parseReservation(text: string): Reservation {
  const end = text.indexOf('=')
  if (end < 0) throw new RangeError(`"${text}" is no reservation: write it as ads=cpus:1;mem:512`)
  const role = text.slice(0, end).trim()
  const flaw = flawOfRole(role)
  if (flaw) throw new RangeError(flaw)
  const resources = parseResources(text.slice(end + 1))
  if (resources.ports) throw new RangeError(`"${text}": ports cannot be reserved`)
  if (isNone(resources)) throw new RangeError(`"${text}" reserves nothing`)
  return { role, resources }
}

/** Why so much cannot be reserved of what a slave has; undefined when it can. */
export function flawOfReserved(reserved: readonly Reservation[], has: Resources): string | undefined {
  const whole = sum(reserved.map(({ resources }) => resources))
  if (fits(whole, has)) return undefined
  return `${inWords(whole)} in all, and the slave has ${inWords(has)}`
}
