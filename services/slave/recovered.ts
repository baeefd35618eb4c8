/** What is left of a slave's earlier process, when it is started again. */

import type { SlaveId } from '../../shared/ids.ts'
import type { Resources } from '../../shared/resources.ts'
import { fits, inWords } from '../../shared/resources.ts'
import { writeResources } from '../../shared/written.ts'
import type { Saved } from '../../statecharts/slave/checkpoint.ts'
import { reservedBy } from '../../statecharts/slave/holdings.ts'
import type { Slave } from '../../statecharts/slave/ledger.ts'
import { heldBy } from '../../statecharts/slave/recovery.ts'
import type { Log } from '../runtime/log.ts'
import type { Disk } from '../runtime/ports.ts'
import { CheckpointError, type Opened, openCheckpoint } from './checkpoint.ts'
import { type OpenedHoldings, openHoldings } from './holdings.ts'

export interface Recovered {
  readonly disk: Disk
  /** What it knew; empty for a slave that begins anew. */
  readonly records: readonly Saved[]
  /** Its id in a life of which nothing runs any more. */
  readonly formerId?: SlaveId
}

/** All that a slave's folder says of it. */
export interface Found {
  readonly recovered: Recovered
  readonly held: OpenedHoldings
}

/**
 * Reads a slave's checkpoint, and what it holds for roles. After a restart of the machine, or when it is to be `fresh`,
 * it begins anew, says who it was, and holds what it held. Throws CheckpointError where another process is this slave, or where the files are not its own.
 */
export async function recoverSlave(folder: string, fresh: boolean, log: Log): Promise<Found> {
  const opened = await openCheckpoint(folder)
  try {
    const held = await openHoldings(folder, { note: (sentence) => log.warn(sentence) })
    return { recovered: await beginLife(opened, fresh, log), held }
  } catch (error) {
    await opened.disk.close()
    throw error
  }
}

async function beginLife(opened: Opened, fresh: boolean, log: Log): Promise<Recovered> {
  const { disk, found, note } = opened
  const records = opened.records as readonly Saved[]
  if (note) log[found === 'corrupt' ? 'error' : 'warn'](note)
  if (!fresh && found !== 'other-boot') return { disk, records }
  const formerId = records.reduce<SlaveId | undefined>(
    (id, record) => (record.saved === 'self' ? record.slaveId : id),
    undefined,
  )
  if (formerId) log.warn(`it was slave ${formerId}; ${begins(found, fresh)}`)
  await startAnew(disk)
  return formerId ? { disk, records: [], formerId } : { disk, records: [] }
}

const begins = (found: Opened['found'], fresh: boolean): string =>
  fresh && found !== 'other-boot'
    ? 'it begins as another one, and what still runs of it is killed'
    : 'the machine was started anew, so nothing of it runs any more, and it begins as another one'

/** A disk that does not take it is found out with the first word that must be saved. */
const startAnew = (disk: Disk): Promise<void> => new Promise((resolve) => disk.rewrite([], () => resolve()))

/** Throws CheckpointError when a slave is to offer less than what is reserved on it, or than what it runs already holds. */
export function refuseTooSmall(slave: Slave, resources: Resources): void {
  const reserved = reservedBy(slave, slave.holdings)
  if (!fits(reserved, resources))
    throw new CheckpointError(
      `of slave ${slave.name} ${inWords(reserved)} is reserved for roles, with what --reserved says, and it is to offer only ${inWords(resources)}: give it at least that, and undo reservations before you give it less`,
    )
  const held = heldBy(slave)
  if (fits(held, resources)) return
  throw new CheckpointError(
    `slave ${slave.name} (${slave.slaveId}) still runs what holds ${writeResources(held)}, and it is to offer only ${writeResources(resources)}: give it at least that, let its tasks end first (\`proffer drain ${slave.name}\`), or start it with --fresh, which kills them and makes it another slave`,
  )
}
