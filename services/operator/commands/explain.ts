/** Why is my task not placed? Why is it where it is? */
import { Command, Option } from 'commander'
import type { Answer, Body, FrameworkRow, TaskRow } from '../../../shared/messages.ts'
import { flawOfRole } from '../../../shared/roles.ts'
import type { Operator } from '../client.ts'
import { collect, examples, type GlobalFlags, Misuse, readFlag, readRules } from '../flags.ts'
import { withOperator } from '../session.ts'

interface Flags {
  readonly role?: string
  readonly cpus?: string
  readonly mem?: string
  readonly disk?: string
  readonly gpus?: string
  readonly attribute?: readonly string[]
  readonly slave?: string
  readonly all?: true
}
type Question = Omit<Body<'explain.get'>, 'frameworkId' | 'after' | 'limit'>

/** More rows than fit a screen are printed when they are asked for. */
const fewRows = 30

export const explainCommand = (): Command =>
  new Command('explain')
    .description(
      'Of a framework: what stands between it and each slave, were the next offers made now; the leader answers out of ' +
        'the very decision. Of a task: where it is, and why.',
    )
    .argument('<framework or task>', "a framework's id or name; a task's id, or framework/task")
    .option('--role <role>', 'of the framework, in this of its roles alone')
    .option('--cpus <number>', 'for a task of so many CPUs ...')
    .option('--mem <MiB>', '... of so much memory ...')
    .option('--disk <MiB>', '... of so much disk ...')
    .option('--gpus <number>', '... and so many GPUs')
    .option('--attribute <rule>', 'that needs a slave like this: zone:a; may be repeated', collect)
    .option('--slave <name or id>', 'this slave alone')
    .addOption(new Option('--all', `every slave, also where there are more than ${fewRows}`))
    .addHelpText(
      'after',
      examples(
        'explain batch',
        'explain batch --cpus 4 --mem 8000 --attribute zone:a',
        'explain 7-F1 --role eng/ads --slave node-1',
        'explain batch/job-3',
      ),
    )
    .action(async (word: string, flags: Flags, command: Command) => {
      const question = await questionOf(flags)
      await withOperator(command, async (operator, given) => {
        const { findEither } = await import('../find.ts')
        const asked = Object.keys(flags).length > 0 ? 'framework' : undefined
        const found = await findEither(operator, word, asked)
        if ('framework' in found) return explainFramework(operator, found.framework, question, flags, given)
        refuseFlags(flags, found.task)
        return explainTask(operator, found.task, given)
      })
    })

async function questionOf(flags: Flags): Promise<Question> {
  const { role, slave } = flags
  const flaw = role === undefined ? undefined : flawOfRole(role)
  if (flaw !== undefined) throw new Misuse(`--role: ${flaw}`)
  const resources = await shapeOf(flags)
  const attributes = await readRules(flags.attribute)
  return {
    ...(role !== undefined && { role }),
    ...(slave !== undefined && { slave }),
    ...(resources && { resources }),
    ...(flags.attribute && { attributes }),
  }
}

/** Without any amount it is asked for whatever would be offered. */
async function shapeOf({ cpus, mem, disk, gpus }: Flags): Promise<Question['resources']> {
  if ([cpus, mem, disk, gpus].every((amount) => amount === undefined)) return undefined
  const { parseAmount } = await import('../../../shared/written.ts')
  const amount = (name: string, text = '0') => readFlag(`--${name}`, () => parseAmount(name, text))
  return {
    cpuMilli: amount('cpus', cpus),
    memMb: amount('mem', mem),
    diskMb: amount('disk', disk),
    gpus: amount('gpus', gpus),
  }
}

function refuseFlags(flags: Flags, { taskId }: TaskRow): void {
  const [flag] = Object.keys(flags)
  if (flag !== undefined) throw new Misuse(`--${flag} is asked of a framework, and ${taskId} is a task`)
}

async function explainTask(
  operator: Operator,
  { frameworkId, taskId }: TaskRow,
  { json: asJson }: GlobalFlags,
): Promise<void> {
  const { json, plain, print } = await import('../table.ts')
  const { task, why } = await operator.ask('task.explain', { frameworkId, taskId })
  if (asJson) return print(json({ task, why }))
  const lines = [`task ${taskId} of ${task.frameworkName} (${frameworkId})`, '', ...why]
  print(lines.map((line) => `${plain(line)}\n`).join(''))
}

async function explainFramework(
  operator: Operator,
  { frameworkId, name }: FrameworkRow,
  question: Question,
  flags: Flags,
  { json: asJson }: GlobalFlags,
): Promise<void> {
  const { json, plain, print } = await import('../table.ts')
  const wantsAll = flags.all ?? flags.slave !== undefined
  const { counts, rows, policyFlaw } = await ask(operator, { frameworkId, ...question }, wantsAll)
  if (asJson) return print(json({ frameworkId, name, counts, policyFlaw, ...(rows && { slaves: rows }) }))
  const { inWords } = await import('../explainWords.ts')
  const flaw = policyFlaw === undefined ? '' : `${plain(policyFlaw)}\n`
  print(`framework ${plain(name)} (${frameworkId})\n${flaw}\n${await inWords(counts, rows)}`)
}

type Explained = Pick<Answer<'explain.get'>, 'counts' | 'policyFlaw'> & {
  rows: Answer<'explain.get'>['slaves'] | undefined
}

/** All rows, or none where there are more than anybody would read. */
async function ask(operator: Operator, question: Body<'explain.get'>, wantsAll: boolean): Promise<Explained> {
  const first = await operator.ask('explain.get', wantsAll ? question : { ...question, limit: fewRows })
  const { slaves: rows, next: second, ...told } = first
  for (let next = second; next !== undefined; ) {
    if (!wantsAll) return { ...told, rows: undefined }
    const page = await operator.ask('explain.get', { ...question, after: next })
    rows.push(...page.slaves)
    next = page.next
  }
  return { ...told, rows }
}
