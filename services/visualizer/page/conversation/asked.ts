/** What of a conversation is wanted, out of the page's address. */
import type { ConversationAsked } from '../../language.ts'

type Given = Readonly<Record<string, string>>

/** What is asked of the server for an address, and for so many messages. */
export function askedBy({ framework, task, offer, slave, types }: Given, limit: number): ConversationAsked {
  return {
    limit,
    ...(framework && { frameworkId: framework }),
    ...(task && { task }),
    ...(offer && { offerId: offer }),
    ...(slave && { slaveId: slave }),
    ...(types && { types: listIn(types) }),
  }
}

export const listIn = (types: string | undefined): string[] => types?.split(',').filter(Boolean) ?? []

/** With this type where it was without it, and the other way round; undefined for none, which is all. */
export function toggled(types: string | undefined, type: string): string | undefined {
  const present = listIn(types)
  const next = present.includes(type) ? present.filter((one) => one !== type) : [...present, type]
  return next.join(',') || undefined
}

/** The same for all types of a noun: `offer` of `offer.make`. */
export function withAll(types: string | undefined, members: readonly string[]): string | undefined {
  const present = listIn(types)
  const allThere = members.every((type) => present.includes(type))
  const others = present.filter((type) => !members.includes(type))
  return (allThere ? others : [...others, ...members]).join(',') || undefined
}
