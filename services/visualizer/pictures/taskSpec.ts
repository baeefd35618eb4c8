/** What a task is to run, out of the messages that launched it. */
import type { Task } from '../../../shared/tasks.ts'
import type { Chronicle } from '../chronicle/chronicle.ts'

interface Accept {
  readonly offerIds?: readonly string[]
  readonly tasks?: readonly Task[]
}

/** What a message carries, whoever told of it. */
export function bodyOf({ messages, steps }: Chronicle, index: number): unknown {
  const [heard] = messages.heardIn(index)
  if (heard !== undefined) return steps.read(heard)?.heard.body
  const said = messages.saidIn(index)
  const step = said === undefined ? undefined : steps.read(said)
  return (step?.effects[messages.effect(index)] as { body?: unknown } | undefined)?.body
}

export const taskIn = (chronicle: Chronicle, index: number): Accept | undefined =>
  bodyOf(chronicle, index) as Accept | undefined

/** As its scheduler has asked for it last; undefined where nobody was watching then. */
export function specOf(chronicle: Chronicle, key: string): Task | undefined {
  const { messages } = chronicle
  const taskId = key.slice(key.indexOf(' ') + 1)
  const accept = messages.about(`task ${key}`).findLast((index) => messages.type(index) === 'offer.accept')
  if (accept === undefined) return undefined
  return taskIn(chronicle, accept)?.tasks?.find((task) => task.taskId === taskId)
}

/** As a person would write it. */
export function commandInWords({
  command,
  container,
  executor,
}: Pick<Task, 'command' | 'container' | 'executor'>): string {
  const inside = container ? `${container.image}: ` : ''
  if (executor) return `executor ${executor.name}`
  if (command?.shell !== undefined) return `${inside}${command.shell}`
  return `${inside}${(command?.argv ?? []).map(quoted).join(' ')}`.trim()
}

const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
