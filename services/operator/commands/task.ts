/** All that is known of one task. */
import { Command } from 'commander'
import type { TaskRow } from '../../../shared/messages.ts'
import { examples } from '../flags.ts'
import { withOperator } from '../session.ts'

export const taskCommand = (): Command =>
  new Command('task')
    .description('All that is known of one task, also when it ended lately.')
    .argument('<id>', 'the id of the task, as `proffer ps` shows it')
    .option('--framework <id or name>', 'whose task, where several frameworks have one of this id')
    .addHelpText('after', examples('task greet', 'task greet --framework 7-F1 --json'))
    .action((id: string, flags: { framework?: string }, command: Command) =>
      withOperator(command, async (operator, { json: asJson }) => {
        const { findTask } = await import('../find.ts')
        const { pairs, json, print } = await import('../table.ts')
        const task = await findTask(operator, id, flags.framework)
        print(asJson ? json(task) : pairs(await lines(task)))
      }),
    )

async function lines(task: TaskRow): Promise<[string, string][]> {
  const { amounts, ago, span } = await import('../words.ts')
  const { stateMeanings, reasonMeanings } = await import('../../../shared/tasks.ts')
  const meaning = (reasonMeanings as Readonly<Record<string, string>>)[task.reason ?? '']
  const labels = Object.entries(task.labels ?? {}).map(([name, value]) => `${name}=${value}`)
  const all: [string, string | undefined][] = [
    ['task', task.taskId],
    ['name', task.name],
    ['framework', `${task.frameworkName} (${task.frameworkId})`],
    ['state', `${task.state}: ${stateMeanings[task.state]}`],
    ['since', `${new Date(task.since).toISOString()} (${ago(task.since)} ago)`],
    ['reason', task.reason && (meaning ? `${task.reason}: ${meaning}` : task.reason)],
    ['message', task.message],
    ['exit code', task.exitCode?.toString()],
    ['slave', `${task.slaveName} (${task.slaveId})`],
    ['executor', task.executor],
    ['role', task.role],
    ['resources', amounts(task.resources)],
    ['revocable', task.revocable ? 'others are owed what it runs on: it is the first to go' : undefined],
    [
      'at most',
      task.maxSeconds === undefined ? undefined : `it is killed after ${span(task.maxSeconds * 1000)}`,
    ],
    ['labels', labels.join(', ') || undefined],
  ]
  return all.filter((pair): pair is [string, string] => pair[1] !== undefined)
}
