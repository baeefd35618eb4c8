/**
 * The tree of roles in the order in which the policy serves it. Siblings are put in order when they are next asked for
 * after any of them has changed; who wants nothing, or may have nothing more, is not among them.
 */
import type { Claim, Master } from '../ledger.ts'
import { isFull, isLacking, type Own, type Role } from '../roles.ts'
import { measured, ordered } from './policy.ts'

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
  if (branch.regroup) regroup(master, branch)
  if (branch.stale || branch.orderedAt !== master.measure) {
    for (const sibling of branch.line) shareOf(master, sibling)
    branch.line = ordered(master, branch.line)
    branch.stale = false
    branch.orderedAt = master.measure
  }
  return branch.line
}

/** Who is left stays in the order in which they were: it is the better part of the new one. */
function regroup(master: Master, branch: Role | Own): void {
  const those = new Set<Sibling>(branch.kind === 'own' ? claimsIn(branch) : rolesIn(master, branch))
  const left = branch.line.filter((sibling) => those.delete(sibling))
  branch.line = [...left, ...those]
  branch.regroup = false
  branch.stale = true
}

const claimsIn = ({ claims }: Own): Claim[] => [...claims].filter(({ wants }) => wants)
function rolesIn(master: Master, { children, own }: Role): (Role | Own)[] {
  const roles: (Role | Own)[] = []
  for (const role of children.values())
    if (role.wanting > 0 && !isFull(role, master.settings)) roles.push(role)
  if (claimsIn(own).length > 0) roles.push(own)
  return roles
}
