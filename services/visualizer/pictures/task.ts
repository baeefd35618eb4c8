/** One task: what it is, where it runs, and how it came to be as it is. */
import type { Status } from '../../../shared/tasks.ts'
import type { Chronicle } from '../chronicle/chronicle.ts'
import { isOver } from '../chronicle/things.ts'
import type { TaskAsked, TaskPicture } from '../language.ts'
import type { Moment } from '../moment.ts'
import { NotThere } from '../notThere.ts'
import { lifeLines } from './parts.ts'
import { bodyOf, commandInWords, specOf } from './taskSpec.ts'

const mostLines = 500

export function task(moment: Moment, { task: key }: TaskAsked): TaskPicture {
  const { chronicle, world, position } = moment
  const { things } = chronicle
  const thing = things.get('task', key)
  if (!thing) throw new NotThere(`There is no task ${key} in what was heard so far.`)
  const { name, slaveId, role, resources, revocable = false } = world.traits(thing)
  const space = key.indexOf(' ')
  const frameworkId = key.slice(0, space)
  const state = world.state(thing)
  const spec = specOf(chronicle, key)
  return {
    task: key,
    frameworkId,
    framework: things.nameOf('framework', frameworkId),
    taskId: key.slice(space + 1),
    ...(name !== undefined && { name }),
    ...(slaveId !== undefined && { slaveId, slave: things.nameOf('slave', slaveId) }),
    ...(role !== undefined && { role }),
    state,
    over: isOver('task', state),
    ...(resources && { resources }),
    revocable,
    ...(spec && { command: commandInWords(spec) }),
    ...lastWords(chronicle, key, position),
    life: lifeLines(chronicle, thing, position, mostLines),
  }
}

/** What was said with the latest update of it. */
function lastWords(
  chronicle: Chronicle,
  key: string,
  upTo: number,
): Pick<TaskPicture, 'reason' | 'message' | 'exitCode'> {
  const { messages } = chronicle
  const told = messages
    .about(`task ${key}`)
    .findLast((index) => messages.type(index) === 'status.update' && (messages.saidIn(index) ?? 0) <= upTo)
  if (told === undefined) return {}
  const body = bodyOf(chronicle, told) as { readonly updates?: readonly Status[] } | undefined
  const last = body?.updates?.findLast(({ frameworkId, taskId }) => `${frameworkId} ${taskId}` === key)
  return {
    ...(last?.reason !== undefined && { reason: last.reason }),
    ...(last?.message !== undefined && { message: last.message }),
    ...(last?.exitCode !== undefined && { exitCode: last.exitCode }),
  }
}
