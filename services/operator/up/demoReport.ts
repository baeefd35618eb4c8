/** What came of the demonstration, for people and for programs. */
import { counted } from '../../../shared/counted.ts'
import { asUniq, byCount } from '../../frameworks/wordcount/index.ts'
import { plain, table } from '../table.ts'
import { percent } from '../words.ts'
import { type Demonstrated, names } from './demo.ts'
import { inRows, type Moment, type Part } from './demoSharing.ts'
import type { Text } from './demoText.ts'

const topCount = 10
const sharingRows = 10
const barLetters = 20
/** Of what had to be left out, so much is named. */
const namedSkips = 3

export function asPage(text: Text, done: Demonstrated): string {
  return [...skips(text), words(text, done), commands(done), sharing(done)].join('\n')
}

export function asDocument(text: Text, { counts, commands, moments, seconds }: Demonstrated): object {
  return {
    files: text.files.length,
    bytes: bytesOf(text),
    skipped: text.skipped,
    seconds,
    counts: Object.fromEntries(counts),
    commands: commands.map(({ work, status }) => ({ command: work.command, state: status.state })),
    sharing: inRows(moments, Object.values(names), sharingRows),
  }
}

function skips({ skipped }: Text): string[] {
  if (skipped.length === 0) return []
  const named = skipped.slice(0, namedSkips).map((each) => `  ${plain(each)}\n`)
  const rest = skipped.length > namedSkips ? `  and ${skipped.length - namedSkips} more\n` : ''
  return [`Left out, since it cannot be read:\n${named.join('')}${rest}`]
}

function words(text: Text, { counts }: Demonstrated): string {
  const whole = [...counts].filter(([word]) => word !== '')
  const total = whole.reduce((sum, [, count]) => sum + count, 0).toLocaleString('en')
  const different = whole.length.toLocaleString('en')
  const size = `${counted(text.files.length, 'file')} of ${(bytesOf(text) / 1e6).toFixed(1)} MB`
  return `${names.words}: ${total} words in ${size}, ${different} different ones. The most frequent:

${asUniq(byCount(counts).slice(0, topCount))}
The same by hand:
  (export LC_ALL=C; ${text.byHand} | tr -cs A-Za-z '\\n' | tr A-Z a-z | sort | uniq -c | sort -rn | head)
`
}

function commands({ commands }: Demonstrated): string {
  const finished = commands.filter(({ status }) => status.state === 'finished').length
  return `${names.commands}: ${counted(commands.length, 'command')}, ${finished} of them finished.\n`
}

/** The share is the largest part that a framework has of any one resource; both are averages of the time before. */
function sharing({ moments, seconds }: Demonstrated): string {
  const both = Object.values(names)
  const head = ['TIME', ...both.flatMap((name) => [name.toUpperCase(), 'SHARE', 'TASKS'])]
  const rows = inRows(moments, both, sharingRows).map((moment) => rowOf(moment, both))
  return `How they shared the cluster, in ${seconds.toFixed(1)} s:\n\n${table(head, rows)}`
}

function rowOf({ seconds, parts }: Moment, both: readonly string[]): string[] {
  const none: Part = { share: 0, tasks: 0 }
  const cells = both.flatMap((name) => {
    const { share, tasks } = parts[name] ?? none
    return [bar(share), percent(share), tasks.toFixed(1)]
  })
  return [`${seconds.toFixed(1)} s`, ...cells]
}

function bar(share: number): string {
  const full = Math.round(share * barLetters)
  return '█'.repeat(full) + '░'.repeat(barLetters - full)
}

const bytesOf = ({ files }: Text): number => files.reduce((sum, { bytes }) => sum + bytes, 0)
