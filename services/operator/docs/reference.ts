/** The protocol reference, generated from the message table: for whoever writes a framework in another language. */
import { refusals } from '../../../shared/errors.ts'
import { type MessageType, messages, messageTypes, type Route } from '../../../shared/messages.ts'
import { isTerminal, reasonMeanings, stateMeanings, type TaskState } from '../../../shared/tasks.ts'
import { markdownTable } from '../../../statecharts/tables.ts'
import { asJson, exampleOf, isBytes, readSchema, type Schema } from './examples.ts'
import { fieldTable, shapes } from './fields.ts'
import { spoken } from './placeholders.ts'
import { introduction, lifeOfAFramework } from './protocolText.ts'

export const protocolReference = (): string =>
  [
    introduction(),
    lifeOfAFramework(),
    '## Messages\n\n',
    overview(),
    ...messageTypes.map(messageSection),
    '## Shapes\n\nWhat several messages carry.\n\n',
    ...Object.entries(shapes).map(shapeSection),
    catalogues(),
  ].join('')

/** What a body of this message looks like: the smallest that is valid. */
export const exampleBody = (type: MessageType): object => exampleOf(readSchema(messages[type].body)) as object

/** What a yes to this question looks like; undefined for what is only said. */
export function exampleAnswer(type: MessageType): object | undefined {
  const { answer } = messages[type]
  return answer && { ok: true, ...(exampleOf(readSchema(answer)) as object) }
}

function overview(): string {
  const rows = messageTypes.map((type) => {
    const { kind, routes, doc } = messages[type]
    const who = routes.map(([from, to]) => `${from} → ${to}`).join('<br>')
    return [`[${type}](#${type.replace('.', '')})`, kind, who, doc]
  })
  return `${markdownTable(['message', 'kind', 'who to whom', 'what it says'], rows)}\n`
}

function messageSection(type: MessageType): string {
  const { kind, routes, doc } = messages[type]
  const body = readSchema(messages[type].body)
  const answer = messages[type].answer && readSchema(messages[type].answer)
  const said = kind === 'say' ? 'Said' : 'Asked'
  return [
    `### ${type}\n\n${doc}\n\n`,
    `${said} on:\n\n${routes.map((route) => subjectLine(type, route)).join('')}\n`,
    `${fieldTable(body)}\n${exampleSection(exampleBody(type), body)}`,
    answer ? answerSection(type, answer) : '',
  ].join('')
}

function answerSection(type: MessageType, answer: Schema): string {
  if (Object.keys(answer.properties ?? {}).length === 0)
    return 'The yes to it carries nothing else: `{ "ok": true }`.\n\n'
  return `The yes to it:\n\n${fieldTable(okAnd(answer))}\n${exampleSection(exampleAnswer(type), answer)}`
}

/** A slave speaks once, to its framework: the leader subscribes to that. */
function subjectLine(type: MessageType, [from, to]: Route): string {
  const overheard = type === 'status.update' && from === 'slave' && to === 'master'
  const subject = `\`${spoken(type, from, overheard ? 'scheduler' : to)}\``
  return `- ${from} to ${to}: ${subject}${overheard ? ', the same message: the leader listens there too' : ''}\n`
}

const ok: Schema = { type: 'boolean', description: 'true; a refusal says false' }
const okAnd = (answer: Schema): Schema => ({
  type: 'object',
  required: ['ok', ...(answer.required ?? [])],
  properties: { ok, ...answer.properties },
})

function exampleSection(example: object | undefined, schema: Schema): string {
  const bytes = Object.entries(schema.properties ?? {}).filter(([, field]) => isBytes(field))
  const note = bytes.map(([name]) => `\`${name}\` is bytes, written here in base64.\n\n`).join('')
  return `${note}\`\`\`json\n${asJson(example)}\n\`\`\`\n\n`
}

function shapeSection([name, schema]: readonly [string, Schema]): string {
  const examples = schema.examples ?? [exampleOf(schema)]
  const shown = examples.map((example) => `\`\`\`json\n${asJson(example)}\n\`\`\`\n`).join('\n')
  return `### ${name}\n\n${schema.description ?? ''}\n\n${fieldTable(schema)}\n${shown}\n`
}

function catalogues(): string {
  const states = Object.entries(stateMeanings).map(([state, meaning]) => [
    `\`${state}\``,
    isTerminal(state as TaskState) ? 'yes' : 'no',
    meaning,
  ])
  return [
    `## Task states\n\n${markdownTable(['state', 'over', 'meaning'], states)}\n`,
    `## Reasons\n\n${markdownTable(['reason', 'meaning'], coded(reasonMeanings))}\n`,
    '## Refusals\n\nA refusal is an answer: a code for programs, a sentence for people. It changed nothing.\n\n',
    markdownTable(['code', 'what happened, and what to do'], coded(refusals)),
  ].join('')
}

const coded = (catalogue: Readonly<Record<string, string>>) =>
  Object.entries(catalogue).map(([code, meaning]) => [`\`${code}\``, meaning])
