/** What the page asks of the cluster itself, over the bus and in the name of whoever runs the page's server. */
import { namedBy } from '../../../shared/ids.ts'
import { parseResources, parseRules } from '../../../shared/written.ts'
import type { Operator } from '../../operator/client.ts'
import type { Chronicle } from '../chronicle/chronicle.ts'
import type { Answers } from '../language.ts'
import { NotThere } from '../notThere.ts'
import type { ClusterQuestion } from './source.ts'

type Asked<About> = Extract<ClusterQuestion, { about: About }>

/** Rejects with Refused, BusError, or NotThere. */
export async function askCluster(
  operator: Operator,
  chronicle: Chronicle,
  question: ClusterQuestion,
  readOnly: boolean,
): Promise<Answers[ClusterQuestion['about']]> {
  if (question.about === 'why') return why(operator, question)
  if (question.about === 'whyTask') return whyTask(operator, question)
  if (question.about === 'log') return log(operator, chronicle, question)
  if (readOnly) throw new NotThere('This page only looks: its server was started with --read-only.')
  return change(operator, question)
}

async function why(
  operator: Operator,
  { resources, attributes, about: _about, ...asked }: Asked<'why'>,
): Promise<Answers['why']> {
  const shape = resources?.trim() ? { resources: parseResources(resources) } : {}
  const rules = attributes?.trim() ? { attributes: parseRules(attributes) } : {}
  const { slaves, ...told } = await operator.ask('explain.get', {
    ...asked,
    ...shape,
    ...rules,
  } as never)
  return { ...told, rows: slaves }
}

async function whyTask(
  operator: Operator,
  { frameworkId, taskId }: Asked<'whyTask'>,
): Promise<Answers['whyTask']> {
  const { why } = await operator.ask('task.explain', { frameworkId, taskId } as never)
  return { why }
}

/** A piece of a log: where a letter is cut in two, its beginning comes with the next. */
async function log(
  operator: Operator,
  { things }: Chronicle,
  { task, stream, offset }: Asked<'log'>,
): Promise<Answers['log']> {
  const slaveId = things.get('task', task)?.traits.slaveId
  if (slaveId === undefined) throw new NotThere(`It is not known where task ${task} runs, or ran.`)
  const {
    bytes,
    offset: from,
    size,
    over,
  } = await operator.readLog({ ...namedBy(task), slaveId: slaveId as never }, stream, offset)
  const whole = wholeLetters(bytes)
  return {
    text: Buffer.from(bytes.subarray(0, whole)).toString('utf8'),
    offset: from,
    next: from + whole,
    size,
    over,
  }
}

/** How many bytes there are up to the last whole letter of UTF-8. */
export function wholeLetters(bytes: Uint8Array): number {
  const end = bytes.length
  for (let back = 1; back <= Math.min(3, end); back++) {
    const byte = bytes[end - back] ?? 0
    if (byte < 0x80) return end
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return back < length ? end - back : end
  }
  return end
}

async function change(
  operator: Operator,
  question: Asked<'kill' | 'drain' | 'reactivate'>,
): Promise<Answers['kill' | 'drain' | 'reactivate']> {
  if (question.about === 'kill') {
    const { task, graceSeconds } = question
    await operator.ask('task.kill', { ...namedBy(task), ...(graceSeconds !== undefined && { graceSeconds }) })
    return {}
  }
  if (question.about === 'reactivate') return operator.ask('slave.reactivate', { slave: question.slave })
  const { slave, withinSeconds } = question
  const { tasks } = await operator.ask('slave.drain', { slave, withinSeconds })
  return { tasks }
}
