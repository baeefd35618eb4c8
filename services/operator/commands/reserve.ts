/** What of a slave is kept for one role: reservations, and persistent volumes on reserved disk. */
import { Command } from 'commander'
import type { Body, SlaveRow, Volume } from '../../../shared/messages.ts'
import { asAmount, flawOfRole } from '../../../shared/roles.ts'
import { type Columns, drawTable } from '../columns.ts'
import { examples, Misuse, readFlag, whole } from '../flags.ts'
import { withOperator } from '../session.ts'

type Wish = Omit<Body<'slave.reserve'>, 'slave' | 'role'>
type Told = (slaveId: string) => Promise<string>

const slaveArgument = ['<slave>', 'its name, or its id'] as const
const roleArgument = ['<role>', 'for whom it is'] as const
const maxVolumeMb = 1e9

export const reserveCommand = (): Command =>
  new Command('reserve')
    .description(
      'Reserve some of a slave for a role: nobody else is offered it, and the slave keeps it through restarts.',
    )
    .argument(...slaveArgument)
    .argument(...roleArgument)
    .argument('<amounts>', 'such as "cpus:2;mem:1024;disk:5000"')
    .addHelpText('after', examples('reserve node-1 eng/ads "cpus:2;mem:1024;disk:5000"'))
    .action((slave: string, role: string, amounts: string, _flags: object, command: Command) =>
      reserve(command, slave, role, amounts, 'reserve'),
    )

export const unreserveCommand = (): Command =>
  new Command('unreserve')
    .description('Undo a reservation, or part of it, so that others are offered it again.')
    .argument(...slaveArgument)
    .argument(...roleArgument)
    .argument('<amounts>', 'of what is reserved, such as "disk:5000"')
    .addHelpText('after', examples('unreserve node-1 eng/ads "cpus:2;mem:1024"'))
    .action((slave: string, role: string, amounts: string, _flags: object, command: Command) =>
      reserve(command, slave, role, amounts, 'unreserve'),
    )

export const volumeCommand = (): Command =>
  new Command('volume')
    .description('Make persistent volumes on reserved disk of a slave, or destroy them.')
    .addCommand(createCommand())
    .addCommand(destroyCommand())
    .addHelpText(
      'after',
      examples('volume create node-1 eng/ads db-1 --size 1000', 'volume destroy node-1 eng/ads db-1'),
    )

export const volumesCommand = (): Command =>
  new Command('volumes')
    .description('Persistent volumes, and the slaves that they are on.')
    .addHelpText('after', examples('volumes', 'volumes --json'))
    .action((_flags: object, command: Command) =>
      withOperator(command, async (operator, { json: asJson }) => {
        const { all } = await import('../client.ts')
        const { json, print } = await import('../table.ts')
        const rows = (await all(operator.slaves())).flatMap(volumesOf)
        print(asJson ? json(rows) : await drawTable(columns, rows))
      }),
    )

function createCommand(): Command {
  const command: Command = new Command('create')
    .summary('make one')
    .description(
      'Make a persistent volume on disk that is reserved for the role: it outlives tasks, and its slave being started anew.',
    )
    .argument(...slaveArgument)
    .argument(...roleArgument)
    .argument('<name>', 'unique on its slave')
    .requiredOption('--size <MiB>', 'of disk', whole(1, maxVolumeMb))
    .addHelpText('after', examples('volume create node-1 eng/ads db-1 --size 1000'))
    .action((slave: string, role: string, volumeId: string, { size }: { size: number }) => {
      checkVolume(volumeId)
      const wish = { createVolumes: [{ volumeId, diskMb: size }] }
      return change(command, slave, role, wish, async (slaveId) => {
        const { memory } = await import('../words.ts')
        return `volume ${volumeId} of ${memory(size)} is made for ${role} on ${slave} (${slaveId})`
      })
    })
  return command
}

function destroyCommand(): Command {
  const command: Command = new Command('destroy')
    .summary('destroy one, with all that is on it')
    .description('Destroy a persistent volume, with all that is on it. Its disk stays reserved.')
    .argument(...slaveArgument)
    .argument(...roleArgument)
    .argument('<name>', 'as `proffer volumes` shows it')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      examples('volume destroy node-1 eng/ads db-1', 'volume destroy node-1 eng/ads db-1 --yes'),
    )
    .action(async (slave: string, role: string, volumeId: string, { yes }: { yes?: true }) => {
      checkVolume(volumeId)
      const { agreed } = await import('../agreed.ts')
      const { Failure } = await import('../failure.ts')
      const question = `Destroy volume ${volumeId} of ${role} on ${slave}, with all that is on it?`
      if (!yes && !(await agreed(question))) throw new Failure('nothing was destroyed')
      await change(
        command,
        slave,
        role,
        { destroyVolumes: [volumeId] },
        async (slaveId) => `volume ${volumeId} of ${role} on ${slave} (${slaveId}) is destroyed`,
      )
    })
  return command
}

async function reserve(
  command: Command,
  slave: string,
  role: string,
  written: string,
  what: 'reserve' | 'unreserve',
): Promise<void> {
  const { parseQuota } = await import('../../../shared/written.ts')
  const amount = readFlag(what, () => asAmount(parseQuota(written)))
  await change(command, slave, role, { [what]: amount }, async (slaveId) => {
    const { amounts } = await import('../words.ts')
    const done = what === 'reserve' ? 'reserved' : 'no longer reserved'
    return `${amounts(amount)} of ${slave} (${slaveId}): ${done} for ${role}`
  })
}

async function change(command: Command, slave: string, role: string, wish: Wish, told: Told): Promise<void> {
  const flaw = flawOfRole(role)
  if (flaw !== undefined) throw new Misuse(flaw)
  await withOperator(command, async (operator, { json: asJson }) => {
    const { json, plain, print } = await import('../table.ts')
    const { slaveId } = await operator.ask('slave.reserve', { slave, role, ...wish })
    print(asJson ? json({ ok: true, slaveId }) : `${plain(await told(slaveId))}\n`)
  })
}

function checkVolume(volumeId: string): void {
  if (volumeId.length < 1 || volumeId.length > 255)
    throw new Misuse(`a volume's name has 1 to 255 characters, not ${volumeId.length}`)
}

interface VolumeRow extends Volume {
  readonly slaveName: string
  readonly slaveId: string
}

const volumesOf = ({ name: slaveName, slaveId, volumes = [] }: SlaveRow): VolumeRow[] =>
  volumes.map((volume) => ({ ...volume, slaveName, slaveId }))

const columns: Columns<VolumeRow> = {
  VOLUME: ({ volumeId }) => volumeId,
  ROLE: ({ role }) => role,
  SLAVE: ({ slaveName, slaveId }) => `${slaveName} (${slaveId})`,
  SIZE: ({ diskMb }, { memory }) => memory(diskMb),
}
