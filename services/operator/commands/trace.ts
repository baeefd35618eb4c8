/** The trace: each step of each role, as it happens, for as long as somebody watches. */
import { Command, Option } from 'commander'
import { counted } from '../../../shared/counted.ts'
import type { Step } from '../../../shared/trace.ts'
import type { Operator } from '../client.ts'
import { examples, type GlobalFlags, Misuse, someSeconds, whole } from '../flags.ts'
import { withOperator } from '../session.ts'
import { askStanding } from '../standing.ts'

interface Flags {
  readonly format: 'steps' | 'stately'
  readonly save?: string
  readonly role?: string
  readonly id?: string
  readonly seconds?: number
  readonly keep?: number
  readonly keepMb: number
}

export const traceCommand = (): Command =>
  new Command('trace')
    .description('Each step of each role: what it heard, the state that it was in and came to, what it did.')
    .addOption(
      new Option(
        '--format <format>',
        "how each is printed; stately: as JSON lines, events of Stately's inspector",
      )
        .choices(['steps', 'stately'])
        .default('steps'),
    )
    .option(
      '--save <file>',
      'also into this file, one step a line as JSON, below a line that says what it is',
    )
    .option('--role <role>', 'only master, slave, scheduler or executor')
    .option('--id <name>', 'only the one of this name')
    .option('--seconds <number>', 'stop after so long; otherwise at Ctrl-C', someSeconds(maxSeconds))
    .option(
      '--keep <seconds>',
      'print nothing; the bus keeps the last so many seconds of it, for `proffer web --kept`',
      someSeconds(maxSeconds),
    )
    .addOption(
      new Option('--keep-mb <n>', 'and no more than so much').default(256).argParser(whole(1, 1_000_000)),
    )
    .addHelpText(
      'after',
      examples(
        'trace',
        'trace --role master',
        'trace --save steps.jsonl --seconds 60',
        'trace --keep 600',
        'trace --json | jq .heard.type',
        'trace --format stately --seconds 60 > run.jsonl',
      ),
    )
    .action(async (flags: Flags, command: Command) => {
      const { role } = flags
      if (role !== undefined && !roles.includes(role))
        throw new Misuse(`--role: there is no role ${role}; there are ${roles.join(', ')}`)
      await withOperator(command, (operator, given) =>
        flags.keep === undefined ? trace(operator, flags, given) : keep(operator, flags, flags.keep),
      )
    })

/** Of a timer. */
const maxSeconds = 1_000_000
const roles: readonly string[] = ['master', 'slave', 'scheduler', 'executor']

async function trace(operator: Operator, flags: Flags, { json }: GlobalFlags): Promise<void> {
  const { print, tell } = await import('../table.ts')
  const { openTraceFile } = await import('../traceFile.ts')
  const { Gaps } = await import('../traceLines.ts')
  const written = await writer(flags, json)
  const file = flags.save === undefined ? undefined : await openTraceFile(flags.save)
  const gaps = new Gaps()
  let count = 0
  const stop = operator.watch((step) => {
    if (!isWanted(step, flags)) return
    const missed = gaps.missedBefore(step)
    if (missed > 0) tell(`${counted(missed, 'step')} of ${step.role} ${step.id} did not reach us`)
    file?.write(step)
    print(written(step))
    count++
  })
  await operator.bus.flush()
  // Whoever reads the file needs to know how everything stood before.
  if (file) file.write(await askStanding(operator))
  tell(`watching cluster ${operator.cluster}; Ctrl-C ends it`)
  await until(flags.seconds)
  stop()
  await file?.finish()
  if (flags.save !== undefined) tell(`${flags.save} holds ${counted(count, 'step')}`)
}

/** How a step is printed. */
async function writer({ format }: Flags, asJson: boolean): Promise<(step: Step) => string> {
  const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join('')
  if (format === 'stately') {
    const { StatelyTrace } = await import('../../visualizer/statelyTrace.ts')
    const trace = new StatelyTrace()
    return (step) => lines(trace.textsOf(step))
  }
  const { traceLine } = await import('../traceFile.ts')
  const { stepLine } = await import('../traceLines.ts')
  return (step) => lines([asJson ? traceLine(step) : stepLine(step)])
}

/** The trace lies on the bus; it is made for as long as this goes on. */
async function keep(operator: Operator, flags: Flags, keptSeconds: number): Promise<void> {
  const { tell } = await import('../table.ts')
  await operator.keptTrace({ keepMs: keptSeconds * 1000, keepBytes: flags.keepMb * 1024 * 1024 })
  const stop = operator.keepWatched()
  tell(`the bus keeps the last ${keptSeconds} s of cluster ${operator.cluster}; Ctrl-C ends it`)
  await until(flags.seconds)
  stop()
}

const isWanted = (step: Step, { role, id }: Flags): boolean =>
  (role === undefined || step.role === role) && (id === undefined || step.id === id)

/** Resolves after so long, or when somebody has seen enough. */
function until(wanted: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve())
    if (wanted !== undefined) setTimeout(resolve, wanted * 1000)
  })
}
