/** What becomes of a slave: emptied, offered again, or given up. */
import { Command } from 'commander'
import { counted } from '../../../shared/counted.ts'
import { examples, seconds } from '../flags.ts'
import { withOperator } from '../session.ts'

const slaveArgument = ['<slave>', 'its name, or its id'] as const

export const drainCommand = (): Command =>
  new Command('drain')
    .description(
      'Empty a slave: nothing more is offered of it, its frameworks are asked to give back what they have, and what is left by then is killed.',
    )
    .argument(...slaveArgument)
    .option('--within <seconds>', 'so long they may give it back by themselves', seconds(), 60)
    .option(
      '--grace <seconds>',
      'between SIGTERM and SIGKILL for what is left; as each task says where not given',
      seconds(),
    )
    .addHelpText(
      'after',
      examples('drain node-1', 'drain node-1 --within 600', 'drain node-1 --within 0 --grace 10'),
    )
    .action((slave: string, flags: { within: number; grace?: number }, command: Command) =>
      withOperator(command, async (operator, { json: asJson }) => {
        const { json, plain, print } = await import('../table.ts')
        const grace = flags.grace === undefined ? {} : { graceSeconds: flags.grace }
        const { slaveId, tasks } = await operator.ask('slave.drain', {
          slave,
          withinSeconds: flags.within,
          ...grace,
        })
        const told = `slave ${plain(slave)} (${slaveId}) is draining: ${counted(tasks, 'task')}; \`proffer slaves\` shows when it is drained\n`
        print(asJson ? json({ ok: true, slaveId, tasks }) : told)
      }),
    )

export const reactivateCommand = (): Command =>
  new Command('reactivate')
    .description('Offer a slave again that was draining or drained.')
    .argument(...slaveArgument)
    .addHelpText('after', examples('reactivate node-1'))
    .action((slave: string, _flags: object, command: Command) =>
      withOperator(command, async (operator, { json: asJson }) => {
        const { json, plain, print } = await import('../table.ts')
        const { slaveId } = await operator.ask('slave.reactivate', { slave })
        print(asJson ? json({ ok: true, slaveId }) : `slave ${plain(slave)} (${slaveId}) is offered again\n`)
      }),
    )

export const goneCommand = (): Command =>
  new Command('gone')
    .description(
      'Give a slave up for good: its tasks are lost, and its id may not come back. Should it live yet, it ends all that it runs.',
    )
    .argument(...slaveArgument)
    .addHelpText('after', examples('gone node-1', 'gone 7-S1'))
    .action((slave: string, _flags: object, command: Command) =>
      withOperator(command, async (operator, { json: asJson }) => {
        const { json, plain, print } = await import('../table.ts')
        const { slaveId, tasks } = await operator.ask('slave.remove', { slave })
        print(
          asJson
            ? json({ ok: true, slaveId, tasks })
            : `slave ${plain(slave)} (${slaveId}) is gone, ${counted(tasks, 'task')} with it\n`,
        )
      }),
    )
