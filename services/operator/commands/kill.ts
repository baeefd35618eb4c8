/** Ending work: of one task, or of a framework for good. */
import { Command } from 'commander'
import { counted } from '../../../shared/counted.ts'
import { examples, seconds } from '../flags.ts'
import { withOperator } from '../session.ts'

export const killCommand = (): Command =>
  new Command('kill')
    .description('Kill a task: SIGTERM to all of it, and SIGKILL after the grace.')
    .argument('<id>', 'the id of the task, as `proffer ps` shows it')
    .option('--grace <seconds>', 'between the two signals; as the task says where not given', seconds())
    .option('--framework <id or name>', 'whose task, where several frameworks have one of this id')
    .addHelpText('after', examples('kill greet', 'kill greet --grace 0', 'kill greet --framework batch'))
    .action((id: string, flags: { grace?: number; framework?: string }, command: Command) =>
      withOperator(command, async (operator, { json: asJson }) => {
        const { findTask } = await import('../find.ts')
        const { Failure } = await import('../failure.ts')
        const { isTerminal } = await import('../../../shared/tasks.ts')
        const { json, plain, print } = await import('../table.ts')
        const { frameworkId, frameworkName, taskId, state } = await findTask(operator, id, flags.framework)
        if (isTerminal(state)) throw new Failure(`task ${id} is over already: it is ${state}`)
        const grace = flags.grace === undefined ? {} : { graceSeconds: flags.grace }
        await operator.ask('task.kill', { frameworkId, taskId, ...grace })
        const told = `task ${plain(taskId)} of ${plain(frameworkName)} (${frameworkId}) is being killed\n`
        print(asJson ? json({ ok: true, frameworkId, taskId }) : told)
      }),
    )

export const teardownCommand = (): Command =>
  new Command('teardown')
    .description('End a framework for good: what it runs is killed, and it may not come back.')
    .argument('<framework>', 'its id, or its name where only one has it')
    .addHelpText('after', examples('teardown batch', 'teardown 7-F1'))
    .action((word: string, _flags: object, command: Command) =>
      withOperator(command, async (operator, { json: asJson }) => {
        const { findFramework } = await import('../find.ts')
        const { json, plain, print } = await import('../table.ts')
        const { frameworkId, name, tasks } = await findFramework(operator, word)
        await operator.ask('framework.teardown', { frameworkId })
        const told = `framework ${plain(name)} (${frameworkId}) is torn down, ${counted(tasks, 'task')} with it\n`
        print(asJson ? json({ ok: true, frameworkId, name, tasks }) : told)
      }),
    )
