/** Writes what is generated: the pictures of the charts, and the protocol reference. `npm run docs` runs it. */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { about, type ChartName, lives, roleCharts } from '../../../statecharts/index.ts'
import { chartAsMermaid } from '../../../statecharts/mermaid.ts'
import { chartAsTable, lifeAsTable } from '../../../statecharts/tables.ts'
import { protocolReference } from './reference.ts'

export interface Document {
  /** From the root of the project. */
  readonly path: string
  readonly url: URL
  readonly text: string
}

export const documents = (): Document[] => [
  document('statecharts/README.md', statechartsReadme()),
  document('shared/protocol.md', protocolReference()),
]

const document = (path: string, text: string): Document => ({
  path,
  url: new URL(`../../../${path}`, import.meta.url),
  text,
})

const introduction = `# Statecharts

<!-- Written by \`npm run docs\` out of the charts: change those, not this. -->

A statechart here is a table of contents: which states a role has, what it hears in each, and the name of the
decision that it then takes. Each is an [XState 5](https://stately.ai/docs) machine; \`index.ts\` hands out all of
them by name. A decision is a plain function in a file beside the chart: what is known and what is heard go in, what
is wished of the world comes out. Nothing in this folder has a clock, a random number or a socket.

For other visualizers \`proffer charts\` writes them as XState's JSON, which Stately's tools read, as Mermaid, and as
[SCXML](https://www.w3.org/TR/scxml/).

In a picture, \`heard [when] / decided\` stands at each way from one state to another. What leaves a state where it
is stands in the table below it. A state's own line, its \`*\` included, goes before that of any state; of several
lines for the same message the first one whose \`when\` holds is taken. What a table calls \`wake.…\` is a moment that
was asked for, \`answer.…\` an answer to a question, \`author.…\` the word of whoever writes the framework or the
executor; all other names are [messages](../shared/protocol.md).

`

function statechartsReadme(): string {
  const roles = Object.entries(roleCharts).map(
    ([name, chart]) =>
      `### ${titled(name)}\n\n${about[name as ChartName]}\n\n${picture(chartAsMermaid(chart))}\n${chartAsTable(chart)}\n`,
  )
  const things = Object.entries(lives).map(
    ([name, life]) =>
      `### ${titled(name.replace('Life', ''))}\n\n${about[name as ChartName]}\n\n${picture(chartAsMermaid(life))}\n${lifeAsTable(life)}\n`,
  )
  const betweenRolesAndLives =
    'Lives have no effects: a ledger holds the name of a state, and a fact leads to the next one. A fact that a ' +
    'state does not know changes nothing.\n\n'
  return `${introduction}## Roles\n\n${roles.join('')}## Lives\n\n${betweenRolesAndLives}${things.join('').trimEnd()}\n`
}

const titled = (name: string) => name.replace(/^./, (letter) => letter.toUpperCase())
const picture = (mermaid: string) => `\`\`\`mermaid\n${mermaid}\`\`\`\n`

function write({ path, url, text }: Document): void {
  writeFileSync(url, text)
  process.stdout.write(`wrote ${path}\n`)
}

const isRun = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href
if (isRun) for (const each of documents()) write(each)
