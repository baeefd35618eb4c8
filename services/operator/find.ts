/** What a person means by a word: a task by its id, a framework by its id or its name. */
import type { FrameworkId, TaskId } from '../../shared/ids.ts'
import type { FrameworkRow, TaskRow } from '../../shared/messages.ts'
import { isTerminal } from '../../shared/tasks.ts'
import { all, type Operator } from './client.ts'
import { Failure } from './failure.ts'

/** The task of this id. One that goes on comes before those that are over; a framework says whose is meant. */
export async function findTask(operator: Operator, id: string, framework?: string): Promise<TaskRow> {
  const rows = await all(operator.tasks({ taskId: id as TaskId, over: true }))
  const asked = rows.filter((row) => framework === undefined || isOf(row, framework))
  const going = asked.filter(({ state }) => !isTerminal(state))
  const meant = going.length > 0 ? going : asked
  const [task, another] = meant
  const whose = framework === undefined ? '' : ` of framework ${framework}`
  if (!task) throw new Failure(`there is no task ${id}${whose}: see \`proffer ps --all\``)
  if (!another) return task
  throw new Failure(`${meant.length} tasks are called ${id}: say which with --framework ${owners(meant)}`)
}

/** A framework that is gone still has tasks that ended lately. */
const isOf = ({ frameworkId, frameworkName }: TaskRow, word: string): boolean =>
  frameworkId === (word as FrameworkId) || frameworkName === word

/** The framework of this id, or the only one of this name. */
export async function findFramework(operator: Operator, word: string): Promise<FrameworkRow> {
  const rows = await all(operator.frameworks())
  const byId = rows.find(({ frameworkId }) => frameworkId === (word as FrameworkId))
  if (byId) return byId
  const [framework, ...others] = rows.filter(({ name, state }) => name === word && state !== 'completed')
  if (!framework) throw new Failure(`there is no framework ${word}: see \`proffer frameworks\``)
  if (others.length === 0) return framework
  const ids = [framework, ...others].map(({ frameworkId }) => frameworkId).join(', ')
  throw new Failure(`${others.length + 1} frameworks are called ${word}: say which by its id, ${ids}`)
}

const owners = (tasks: readonly TaskRow[]): string =>
  tasks.map(({ frameworkId, frameworkName }) => `${frameworkId} (${frameworkName})`).join(', or ')
