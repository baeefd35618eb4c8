/** The tree of roles: who is owed what, and who holds what. */
import { Command } from 'commander'
import type { RoleRow } from '../../../shared/messages.ts'
import type { Resources } from '../../../shared/resources.ts'
import { parentOf, type Quota } from '../../../shared/roles.ts'
import { drf } from '../../../statecharts/master/allocator/drf.ts'
import { type Columns, drawTable, someOf, type Words } from '../columns.ts'
import { examples } from '../flags.ts'
import { withOperator } from '../session.ts'
import type { Cell } from '../table.ts'

export const rolesCommand = (): Command =>
  new Command('roles')
    .description(
      'The tree of roles: those that frameworks are in, and those for which something is set. SHARE is the largest part ' +
        'of any one resource of the cluster that a role holds, with all below it; FAIR SHARE what is its own by weight, ' +
        'were all to want theirs.',
    )
    .addHelpText('after', examples('roles', "roles --json | jq '.[] | select(.lacking)'"))
    .action((_flags: object, command: Command) =>
      withOperator(command, async (operator, { json: asJson }) => {
        const { all } = await import('../client.ts')
        const { json, print } = await import('../table.ts')
        const rows = await all(operator.roles())
        if (asJson) return print(json(rows))
        const { total } = await operator.ask('cluster.get', {})
        print(await drawTable(columnsOf(total), asTree(rows)))
      }),
    )

/** Each role behind the one that it stands below, which may have no row of its own. */
export function asTree(rows: readonly RoleRow[]): TreeRow[] {
  const byRole = new Map<string, TreeRow>()
  const enter = (role: string, row?: RoleRow) => {
    const above = parentOf(role)
    if (above !== undefined && !byRole.has(above)) enter(above)
    const parts = role.split('/')
    if (row || !byRole.has(role)) byRole.set(role, { parts, ...(row && { row }) })
  }
  for (const row of rows) enter(row.role, row)
  return [...byRole.values()].sort((a, b) => compareParts(a.parts, b.parts))
}

interface TreeRow {
  readonly parts: readonly string[]
  readonly row?: RoleRow
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (const [i, part] of a.entries()) {
    const other = b[i]
    if (other === undefined) return 1
    if (part !== other) return part < other ? -1 : 1
  }
  return a.length - b.length
}

/** A role that was moved, or has no row of its own, holds nothing to be shown. */
const columnsOf = (total: Resources): Columns<TreeRow> => ({
  ROLE: ({ parts }) => `${'  '.repeat(parts.length - 1)}${parts.at(-1)}`,
  WEIGHT: shown(({ weight }) => `${weight}`),
  SHARE: shown((row, { percent }) => percent(dominant(row, total))),
  'FAIR SHARE': shown(({ fairShare }, { percent }) => percent(fairShare)),
  'GUARANTEE?': shown(guaranteeOf),
  'LIMIT?': shown(({ limit }, words) => quota(limit, words)),
  'MIN OFFER?': shown(({ minOffer }, words) => quota(minOffer, words)),
  BOOKED: shown(({ booked }, words) => someOf(booked, words)),
  OFFERED: shown(({ offered }, words) => someOf(offered, words)),
  FRAMEWORKS: shown(({ frameworks }) => `${frameworks}`),
  'MOVED TO?': ({ row }) => row?.movedTo ?? '',
})

const shown =
  (column: (row: RoleRow, words: Words) => Cell) =>
  ({ row }: TreeRow, words: Words): Cell =>
    row && row.movedTo === undefined ? column(row, words) : ''

/** Without its weight: to be held against its fair share. */
const dominant = ({ role, booked, offered }: RoleRow, total: Resources): number =>
  drf.measure({ name: role, id: role, weight: 1, booked, offered, share: 0, allocations: 0 }, total)

const quota = (amounts: Quota | undefined, { quotaInWords }: Words): string =>
  amounts ? quotaInWords(amounts) : ''

/** Yellow while it lacks something. */
function guaranteeOf({ guarantee, lacking = {} }: RoleRow, words: Words): Cell {
  const lacks = quota(words.some(lacking), words)
  const guaranteed = quota(guarantee, words)
  return lacks === '' ? guaranteed : { text: `${guaranteed} (lacks ${lacks})`, colour: 'yellow' }
}
