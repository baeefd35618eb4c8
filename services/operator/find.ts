/** What a person means by a word: a task by its id, a framework by its id or its name. */
import type { FrameworkId, TaskId } from '../../shared/ids.ts'
import type { FrameworkRow, TaskRow } from '../../shared/messages.ts'
import { isTerminal, maxNameLength } from '../../shared/tasks.ts'
import { all, type Operator } from './client.ts'
import { Failure } from './failure.ts'

/** The task of this id. One that goes on comes before those that are over; a framework says whose is meant. */
export async function findTask(operator: Operator, id: string, framework?: string): Promise<TaskRow> {
  const meant = await tasksOf(operator, id, framework)
  const [task, another] = meant
  const whose = framework === undefined ? '' : ` of framework ${framework}`
  if (!task) throw new Failure(`there is no task ${id}${whose}: see \`proffer ps --all\``)
  if (!another) return task
  throw new Failure(`${meant.length} tasks are called ${id}: say which with --framework ${owners(meant)}`)
}

async function tasksOf(operator: Operator, id: string, framework?: string): Promise<TaskRow[]> {
  if (!isTaskId(id)) return []
  const rows = await all(operator.tasks({ taskId: id as TaskId, over: true }))
  const asked = rows.filter((row) => framework === undefined || isOf(row, framework))
  const going = asked.filter(({ state }) => !isTerminal(state))
  return going.length > 0 ? going : asked
}

/** Nothing else is ever called so, and the leader would not hear of it. */
const isTaskId = (id: string): boolean => id.length >= 1 && id.length <= maxNameLength

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

/** What a word may name: frameworks by id or name, tasks by id or as framework/task. */
export interface Meanings {
  readonly frameworks: readonly FrameworkRow[]
  readonly tasks: readonly TaskRow[]
}

/** The one framework, or the one task, that a word names; `asked`: of a framework, where it may be one. */
export async function findEither(
  operator: Operator,
  word: string,
  asked?: 'framework',
): Promise<{ readonly framework: FrameworkRow } | { readonly task: TaskRow }> {
  const { frameworks, tasks } = await meaningsOf(operator, word)
  const [framework, task] = [frameworks[0], tasks[0]]
  if (asked && framework && frameworks.length === 1) return { framework }
  if (frameworks.length + tasks.length > 1) throw new Failure(ambiguity(word, { frameworks, tasks }))
  if (framework) return { framework }
  if (task) return { task }
  throw new Failure(
    `there is no framework and no task ${word}: see \`proffer frameworks\` and \`proffer ps --all\``,
  )
}

async function meaningsOf(operator: Operator, word: string): Promise<Meanings> {
  const frameworks = await all(operator.frameworks())
  const byId = frameworks.filter(({ frameworkId }) => frameworkId === (word as FrameworkId))
  const byName = frameworks.filter(({ name, state }) => name === word && state !== 'completed')
  const tasks = await tasksOf(operator, word)
  for (let at = word.indexOf('/'); at >= 0; at = word.indexOf('/', at + 1))
    tasks.push(...(await tasksOf(operator, word.slice(at + 1), word.slice(0, at))))
  return { frameworks: byId.length > 0 ? byId : byName, tasks }
}

const ambiguity = (word: string, { frameworks, tasks }: Meanings): string =>
  `${word} names ${[
    ...frameworks.map(({ frameworkId }) => `a framework (say ${frameworkId})`),
    ...tasks.map(
      ({ frameworkId, frameworkName, taskId }) => `a task of ${frameworkName} (say ${frameworkId}/${taskId})`,
    ),
  ].join(', and ')}: say which`

const owners = (tasks: readonly TaskRow[]): string =>
  tasks.map(({ frameworkId, frameworkName }) => `${frameworkId} (${frameworkName})`).join(', or ')
