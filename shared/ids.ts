/**
 * Identity. Every id is a string on the wire; the brands keep one noun's id from being passed as another's.
 *
 * Ids that a leader or a slave makes are counters under the epoch in which they were made (`7-O12`), so a new
 * reign can never repeat an old one's id and a seed always gives the same ids.
 */

declare const noun: unique symbol
type Id<Noun extends string> = string & { readonly [noun]: Noun }

/** A framework as the leader admitted it: `7-F1`. */
export type FrameworkId = Id<'framework'>
/** A slave as the leader admitted it: `7-S1`. */
export type SlaveId = Id<'slave'>
/** One offer: `7-O12`. */
export type OfferId = Id<'offer'>
/** An executor on its slave: `command`, or its framework with the author's name for it (`7-F1/mapper`). */
export type ExecutorId = Id<'executor'>
/** A task, named by its framework's author: 1 to 255 characters, any of them, unique within the framework. */
export type TaskId = Id<'task'>

/** The executor that every slave has from the start; it runs commands and containers. */
export const commandExecutorId = 'command' as ExecutorId

/** The epoch of a reign: the KV revision at which the leader took its lease. 0 means that none was heard yet. */
export type Epoch = number

/** `mint<OfferId>(7, 'O', 12)` is `7-O12`. */
export const mint = <Minted extends string>(epoch: Epoch, letter: string, count: number): Minted =>
  `${epoch}-${letter}${count}` as Minted

/** A task id is its framework's own: only both together name one task. */
export const taskKey = (frameworkId: FrameworkId, taskId: TaskId): string => `${frameworkId} ${taskId}`
/** What a task's key names: no framework id has a space in it. */
export function namedBy(key: string): { frameworkId: FrameworkId; taskId: TaskId } {
  const space = key.indexOf(' ')
  return { frameworkId: key.slice(0, space) as FrameworkId, taskId: key.slice(space + 1) as TaskId }
}
/** So is the name of an executor on a slave. */
export const executorIdOf = (frameworkId: FrameworkId, name: string): ExecutorId =>
  `${frameworkId}/${name}` as ExecutorId
