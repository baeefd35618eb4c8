/**
 * The tree of roles in the order in which the policy serves it. Siblings that have changed are put in order when they are
 * next asked for; who wants nothing, or may have nothing more, is not among them.
 */
import type { Claim, Master } from '../ledger.ts'
import { isFull, isLacking, type Own, type Role } from '../roles.ts'
import { comparison, measured, ordered } from './policy.ts'

/** Whoever stands among siblings. */
export type Sibling = Role | Own | Claim

/** What the policy goes by, measured anew where it has changed. */
export function shareOf(master: Master, sibling: Sibling): number {
  if (sibling.measuredAt === master.measure) return sibling.share
  sibling.share = measured(master, sibling)
  sibling.measuredAt = master.measure
  return sibling.share
}

/**
 * The first claim, in the order of the policy, of which `serve` says yes. With `needy`, only of those claims whose roles,
 * or roles above them, hold less than their guarantee.
 */
export function firstServed(
  master: Master,
  needy: boolean,
  serve: (claim: Claim) => boolean,
): Claim | undefined {
  return needy ? firstNeedy(master, master.root, serve) : firstIn(master, master.root, serve)
}

function firstIn(master: Master, branch: Role | Own, serve: (claim: Claim) => boolean): Claim | undefined {
  for (const each of lineOf(master, branch)) {
    if (each.kind !== 'claim') {
      const served = firstIn(master, each, serve)
      if (served) return served
    } else if (serve(each)) return each
  }
  return undefined
}

function firstNeedy(master: Master, branch: Role, serve: (claim: Claim) => boolean): Claim | undefined {
  for (const each of lineOf(master, branch)) {
    if (each.kind !== 'role') continue
    const served = isLacking(each) ? firstIn(master, each, serve) : firstNeedy(master, each, serve)
    if (served) return served
  }
  return undefined
}

/**
 * Siblings in their order. The array is put in order anew only here: whoever walks it stops when he has served somebody,
 * for that may have changed it.
 */
export function lineOf(master: Master, branch: Role | Own): readonly Sibling[] {
  if (branch.kind === 'role' && branch.children.size === 0) return lineOf(master, branch.own)
  if (branch.regroup || branch.orderedAt !== master.measure) orderAll(master, branch)
  else if (branch.changed.size > 0) orderChanged(master, branch)
  return branch.line
}

function orderAll(master: Master, branch: Role | Own): void {
  if (branch.regroup) regroup(branch)
  admitChanged(master, branch)
  // Once more when the policy was refused on the way: what it has measured is no share, and the default goes by shares.
  do {
    branch.orderedAt = master.measure
    for (const sibling of branch.line) shareOf(master, sibling)
    branch.line = ordered(master, branch.line)
  } while (branch.orderedAt !== master.measure)
}

/** So many changed siblings, one in so many, are put in their new places one by one: beyond that all are sorted. */
const fewOf = 16

/** Those who have changed are taken out, and put where they belong now: the others stand in order. */
function orderChanged(master: Master, branch: Role | Own): void {
  const { line, changed } = branch
  const compare = comparison(master)
  if (!compare || changed.size * fewOf > line.length) {
    orderAll(master, branch)
    return
  }
  for (const sibling of changed) {
    const at = line.indexOf(sibling)
    if (at >= 0) line.splice(at, 1)
  }
  for (const sibling of changed) {
    if (!isInLine(master, branch, sibling)) continue
    shareOf(master, sibling)
    line.splice(
      placeOf(line, (other) => compare(sibling, other, master.total) > 0),
      0,
      sibling,
    )
  }
  changed.clear()
}

/** How many at the front of the line are before somebody. */
function placeOf(line: readonly Sibling[], isBefore: (other: Sibling) => boolean): number {
  let from = 0
  let to = line.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (isBefore(line[middle] as Sibling)) from = middle + 1
    else to = middle
  }
  return from
}

/** Anybody may have come, or gone. */
function regroup(branch: Role | Own): void {
  const all: Iterable<Sibling> =
    branch.kind === 'own' ? branch.claims : [...branch.children.values(), branch.own]
  branch.changed.clear()
  for (const sibling of [...branch.line, ...all]) branch.changed.add(sibling)
  branch.regroup = false
}

/** Of those who have changed some may have come, or gone. Who is left stays in order: it is the better part of the new one. */
function admitChanged(master: Master, branch: Role | Own): void {
  const coming = new Set([...branch.changed].filter((sibling) => isInLine(master, branch, sibling)))
  const left = branch.line.filter((sibling) => coming.delete(sibling) || !branch.changed.has(sibling))
  branch.line = [...left, ...coming]
  branch.changed.clear()
}

/** Whether it is one of the branch, and is to be asked: it wants offers, and may have more. */
function isInLine(master: Master, branch: Role | Own, sibling: Sibling): boolean {
  switch (sibling.kind) {
    case 'claim':
      return sibling.wants && branch.kind === 'own' && branch.claims.has(sibling)
    case 'own':
      return sibling.wanting > 0
    case 'role':
      return sibling.wanting > 0 && isChild(branch, sibling) && !isFull(sibling, master.settings)
  }
}
const isChild = (branch: Role | Own, role: Role): boolean =>
  branch.kind === 'role' && branch.children.get(role.name) === role
