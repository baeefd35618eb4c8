/** What is set for roles while the cluster runs: weights, guarantees, limits; where a role stands in the tree. */
import { Command } from 'commander'
import type { Body } from '../../../shared/messages.ts'
import { flawOfRole, type Quota, weightBounds } from '../../../shared/roles.ts'
import { parseQuota } from '../../../shared/written.ts'
import { examples, Misuse, readFlag } from '../flags.ts'
import { withOperator } from '../session.ts'

type Change = Body<'sharing.set'>['roles'][number]
type Draft = { -readonly [Field in keyof Change]: Change[Field] }

const quotaFlags = {
  guarantee: 'held back for it, although others would have it',
  limit: 'it never holds more',
  'min-offer': 'an offer to it holds at least so much of one slave',
} as const
const fieldOf = { guarantee: 'guarantee', limit: 'limit', 'min-offer': 'minOffer' } as const
type QuotaFlag = keyof typeof quotaFlags

export const roleCommand = (): Command =>
  new Command('role')
    .description('Change what roles are owed, and where they stand in the tree, while the cluster runs.')
    .addCommand(setCommand())
    .addCommand(unsetCommand())
    .addCommand(moveCommand())
    .addHelpText(
      'after',
      `${examples(
        'role set eng/ads --weight 2 --guarantee "cpus:40;mem:80000" --limit cpus:100',
        'role unset eng/ads',
        'role move eng/ads ops/ads',
      )}\n\nSee \`proffer role set --help\` for all that can be set.`,
    )

function setCommand(): Command {
  const changes: Draft[] = [{ role: '' }]
  const command = new Command('set')
    .summary('set weight, guarantee, limit, smallest offer')
    .description(
      'Set what roles are owed; what is not named stays as it is. Several at once with --and: all of it is set or, ' +
        'when any of it cannot be, none. Amounts are written as "cpus:40;mem:80000": of what is not named nothing is said.',
    )
    .usage('<role> [options] [--and <role> [options]]...')
    .argument('<role>', 'a path in the tree of roles, such as eng/ads')
    .option('--weight <number>', `among its siblings, ${weightBounds.min} to ${weightBounds.max}`)
  for (const [flag, meaning] of Object.entries(quotaFlags))
    command.option(`--${flag} <amounts>`, meaning).option(`--no-${flag}`, 'none')
  command
    .option('--and <role>', 'another role, to which the flags behind it belong')
    .option('--force', 'although guarantees add up to more than the cluster has')
    .addHelpText(
      'after',
      examples(
        'role set eng/ads --weight 2 --guarantee "cpus:40;mem:80000" --limit cpus:100 --min-offer cpus:8',
        'role set eng --guarantee cpus:40 --and ops --guarantee cpus:10 --no-limit',
      ),
    )
    .action((role: string, flags: { force?: true }) => set(command, drafted(role, changes), flags))
  noteFlags(command, changes)
  return command
}

/** A flag belongs to the role before it; commander tells of flags in the order in which they stand. */
function noteFlags(command: Command, changes: Draft[]): void {
  const note = <Field extends Exclude<keyof Change, 'role'>>(
    flag: string,
    field: Field,
    value: Change[Field],
  ) => {
    const change = changes.at(-1)
    if (!change) return
    if (change[field] !== undefined)
      throw new Misuse(`--${flag}: it, or its opposite, stands twice for one role`)
    change[field] = value
  }
  command.on('option:and', (role: string) => changes.push({ role }))
  command.on('option:weight', (text: string) => note('weight', 'weight', weightOf(text)))
  for (const flag of Object.keys(quotaFlags) as QuotaFlag[]) {
    const field = fieldOf[flag]
    command.on(`option:${flag}`, (text: string) => note(flag, field, quotaOf(flag, text)))
    command.on(`option:no-${flag}`, () => note(`no-${flag}`, field, {}))
  }
}

function weightOf(text: string): number {
  const { min, max } = weightBounds
  const weight = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (weight >= min && weight <= max) return weight
  throw new Misuse(`--weight: it is "${text}"; it must be a plain number from ${min} to ${max}`)
}

const quotaOf = (flag: string, text: string): Quota => readFlag(`--${flag}`, () => parseQuota(text))

/** The first flags are those of the role that is named without --and, wherever it stands. */
function drafted(role: string, changes: readonly Draft[]): readonly Change[] {
  const [first = { role }, ...others] = changes
  const all = [{ ...first, role }, ...others]
  const seen = new Set<string>()
  for (const change of all) {
    checkRole(change.role)
    if (seen.has(change.role)) throw new Misuse(`role ${change.role} stands twice: name it once`)
    seen.add(change.role)
    if (Object.keys(change).length === 1)
      throw new Misuse(
        `role ${change.role}: what is to be set? --weight, --guarantee, --limit, --min-offer, or --no-guarantee and its like`,
      )
  }
  return all
}

async function set(command: Command, roles: readonly Change[], { force }: { force?: true }): Promise<void> {
  await withOperator(command, async (operator, { json: asJson }) => {
    const { json, print } = await import('../table.ts')
    await operator.ask('sharing.set', { roles: [...roles], ...(force && { force }) })
    if (asJson) print(json({ ok: true, roles: roles.map(({ role }) => role) }))
    else for (const change of roles) print(`${await inWords(change)}\n`)
  })
}

async function inWords({ role, weight, ...quotas }: Change): Promise<string> {
  const { quotaInWords } = await import('../words.ts')
  const parts = Object.entries(fieldOf).flatMap(([flag, field]) => {
    const [quota, name] = [quotas[field], flag === 'min-offer' ? 'smallest offer' : flag]
    if (quota === undefined) return []
    return [Object.keys(quota).length > 0 ? `${name} ${quotaInWords(quota)}` : `no ${name}`]
  })
  return `role ${role}: ${[...(weight === undefined ? [] : [`weight ${weight}`]), ...parts].join('; ')}`
}

function unsetCommand(): Command {
  const command = new Command('unset')
    .summary('forget all that was set for roles')
    .description(
      'Forget all that was set for these roles: weight 1, no guarantee, no limit, no smallest offer.',
    )
    .argument('<role...>', 'paths in the tree of roles')
    .addHelpText('after', examples('role unset eng/ads', 'role unset eng ops'))
    .action(async (roles: string[]) => {
      roles.forEach(checkRole)
      await unset(command, [...new Set(roles)])
    })
  return command
}

async function unset(command: Command, roles: readonly string[]): Promise<void> {
  await withOperator(command, async (operator, { json: asJson }) => {
    const { json, print } = await import('../table.ts')
    const wishes = roles.map((role) => ({ role, unset: true }))
    const { unset = [] } = await operator.ask('sharing.set', { roles: wishes })
    const told = (role: string) =>
      unset.includes(role) ? 'nothing is set for it any more' : 'nothing was set for it'
    print(
      asJson
        ? json({ ok: true, roles, unset })
        : roles.map((role) => `role ${role}: ${told(role)}\n`).join(''),
    )
  })
}

function moveCommand(): Command {
  const command = new Command('move')
    .summary('put a role, and all below it, elsewhere in the tree')
    .description(
      'Put a role elsewhere in the tree, with all below it and all that is set for them. Frameworks that name the old role are in the new one.',
    )
    .argument('<from>', 'the role as it is called now')
    .argument('<to>', 'its new path')
    .addHelpText('after', examples('role move eng/ads ops/ads', 'role move ads eng/ads'))
    .action(async (from: string, to: string) => {
      for (const role of [from, to]) checkRole(role)
      await move(command, from, to)
    })
  return command
}

async function move(command: Command, from: string, to: string): Promise<void> {
  await withOperator(command, async (operator, { json: asJson }) => {
    const { json, print } = await import('../table.ts')
    await operator.ask('sharing.set', { roles: [{ role: from, moveTo: to }] })
    print(asJson ? json({ ok: true, roles: [from] }) : `role ${from} is ${to} now\n`)
  })
}

function checkRole(role: string): void {
  const flaw = flawOfRole(role)
  if (flaw !== undefined) throw new Misuse(flaw)
}
