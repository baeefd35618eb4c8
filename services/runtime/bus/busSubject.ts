import { BusError } from './busError.ts'

/**
 * The client writes a subject into the protocol line as it is: a space would make two arguments of it, a line
 * break another command. So nothing reaches the client that has not passed here.
 * One test of a whole subject measured no slower than a set of subjects seen before.
 */
const spoken = /^[^\s\p{Cc}.*>]+(?:\.[^\s\p{Cc}.*>]+)*$/u
const listened = /^(?:[^\s\p{Cc}.*>]+|\*)(?:\.(?:[^\s\p{Cc}.*>]+|\*))*(?:\.>)?$|^>$/u

/** NATS advises subjects under 256 characters; the server's protocol line ends at 4 kB with two of them in it. */
export const maxSubjectLength = 255

/** A subject that something is said to: whole words between dots, no wildcard. */
export function checkSubject(subject: string): void {
  if (subject.length > maxSubjectLength || !spoken.test(subject)) throw badSubject(subject, 'said to')
}

/** A subject that is listened to: `*` may stand for a word, `>` for the last words. */
export function checkPattern(subject: string): void {
  if (subject.length > maxSubjectLength || !listened.test(subject)) throw badSubject(subject, 'listened to')
}

export function hasWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('>')
}

function badSubject(subject: string, what: string): BusError {
  const shown = JSON.stringify(subject.slice(0, 80))
  const rule = `words between dots, no spaces or control characters, at most ${maxSubjectLength} characters`
  return new BusError('bad-subject', `The subject ${shown} cannot be ${what}: ${rule}`)
}
