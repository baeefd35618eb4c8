/**
 * The door of a policy's author: who is served next is decided by a module of yours. It default-exports a `Policy`:
 *
 *     import { drf } from 'proffer/policy'
 *     export default { ...drf, name: 'greedy', order: (siblings, world) => [...drf.order(siblings, world)].reverse() }
 *
 * A master that is started with `--policies ./greedy.mjs` knows it by its name. It is asked within the leader's own
 * decisions, so it must be quick, and must know neither clock nor chance but what it is given: the same claimants, the
 * same answer. One that throws, or answers what makes no sense, is refused, and drf serves instead.
 */
export type { Claimant, Policy, World } from '../../statecharts/master/allocator/allocator.ts'
export { drf } from '../../statecharts/master/allocator/drf.ts'
