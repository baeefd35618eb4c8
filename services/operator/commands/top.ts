/** The cluster in a terminal, again and again. */
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Operator } from '../client.ts'
import { examples, type GlobalFlags } from '../flags.ts'
import { withOperator } from '../session.ts'

interface Flags {
  readonly seconds: number
  readonly once?: true
}

const leastSeconds = 0.1
const mostSeconds = 3600
/** Rows of each table where it is printed once. */
const onceRows = 20
const widthOnPaper = 120

export const topCommand = (): Command =>
  new Command('top')
    .description(
      'The cluster in a terminal: who leads, what is booked and offered, the frameworks with the largest shares, the ' +
        'fullest slaves, the newest tasks. Keys: q quits; tab, up and down choose a table; left and right its order. ' +
        'Where the output is no terminal it is printed once.',
    )
    .addOption(
      new Option('--seconds <number>', 'look again every').default(1).argParser((text) => {
        const value = Number(text)
        if (value >= leastSeconds && value <= mostSeconds) return value
        throw new InvalidArgumentError(
          `It must be a number of seconds from ${leastSeconds} to ${mostSeconds}.`,
        )
      }),
    )
    .option('--once', 'print it once, and end')
    .addHelpText('after', examples('top', 'top --seconds 5', 'top --once', 'top --json | jq .state.tasks'))
    .action(({ seconds, once }: Flags, command: Command) =>
      withOperator(command, async (operator, flags) => {
        if (once || flags.json || !process.stdout.isTTY) return printOnce(operator, flags)
        const { Watch } = await import('../top/watch.ts')
        await new Watch(operator, seconds * 1000).run()
      }),
    )

async function printOnce(operator: Operator, { json: asJson, cluster }: GlobalFlags): Promise<void> {
  const [{ json, paint, print }, { lookAt }, { layoutOf, linesOf }, { firstView: view }] = await Promise.all([
    import('../table.ts'),
    import('../top/look.ts'),
    import('../top/screen.ts'),
    import('../top/view.ts'),
  ])
  const rows = { frameworks: onceRows, slaves: onceRows, tasks: onceRows }
  const look = await lookAt(operator, view.orders, () => rows)
  if (asJson) {
    const { at: _, ...said } = look
    return print(json({ cluster, ...said }))
  }
  const layout = { ...layoutOf(look.state, view, Number.POSITIVE_INFINITY), rows }
  const shown = { cluster, view, look, trouble: undefined, now: look.at }
  const lines = linesOf(shown, layout, process.stdout.columns ?? widthOnPaper)
  print(lines.map((line) => `${typeof line === 'string' ? line : paint(line.colour, line.text)}\n`).join(''))
}
