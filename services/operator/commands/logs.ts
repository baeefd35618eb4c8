/** What a task wrote: all of it, and with -f what it goes on to write. */
import { Command } from 'commander'
import { counted } from '../../../shared/counted.ts'
import type { TaskRow } from '../../../shared/messages.ts'
import type { Operator } from '../client.ts'
import { examples } from '../flags.ts'
import { send } from '../pipes.ts'
import { withOperator } from '../session.ts'

interface Flags {
  readonly follow?: true
  readonly stderr?: true
  readonly framework?: string
}

export const logsCommand = (): Command =>
  new Command('logs')
    .description('What a task wrote to its standard output, or to its standard error; byte for byte.')
    .argument('<id>', 'the id of the task, as `proffer ps --all` shows it')
    .option('-f, --follow', 'go on until the task ends')
    .option('--stderr', 'its standard error instead of its standard output')
    .option('--framework <id or name>', 'whose task, where several frameworks have one of this id')
    .addHelpText('after', examples('logs greet', 'logs -f greet', 'logs greet --stderr > errors.txt'))
    .action((id: string, flags: Flags, command: Command) =>
      withOperator(command, async (operator) => {
        const { findTask } = await import('../find.ts')
        await copyLog(operator, await findTask(operator, id, flags.framework), flags)
      }),
    )

async function copyLog(operator: Operator, task: TaskRow, { follow, stderr }: Flags): Promise<void> {
  const { logPieces, Patience, presentLog } = await import('../logPieces.ts')
  const { tell } = await import('../table.ts')
  const read = (offset: number) => operator.readLog(task, stderr ? 'stderr' : 'stdout', offset)
  const patience = new Patience()
  const pieces = follow
    ? logPieces({ read, isOver: () => false, wait: () => patience.pause() })
    : presentLog(read)
  for await (const news of pieces) {
    patience.reset()
    if ('dropped' in news)
      tell(`the slave keeps only the newest, without ${counted(news.dropped, 'byte')} before it`)
    else await send('stdout', news.bytes)
  }
}
