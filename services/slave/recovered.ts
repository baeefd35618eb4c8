/** What is left of a slave's earlier process, when it is started again. */

import type { SlaveId } from '../../shared/ids.ts'
import type { Resources } from '../../shared/resources.ts'
import { fits } from '../../shared/resources.ts'
import { writeResources } from '../../shared/written.ts'
import type { Saved } from '../../statecharts/slave/checkpoint.ts'
import type { Slave } from '../../statecharts/slave/ledger.ts'
import { heldBy } from '../../statecharts/slave/recovery.ts'
import type { Log } from '../runtime/log.ts'
import type { Disk } from '../runtime/ports.ts'
import { CheckpointError, type Opened, openCheckpoint } from './checkpoint.ts'

export interface Recovered {
  readonly disk: Disk
  /** What it knew; empty for a slave that begins anew. */
  readonly records: readonly Saved[]
  /** Its id in a life of which nothing runs any more. */
  readonly formerId?: SlaveId
}

/**
 * Reads a slave's checkpoint. After a restart of the machine, or when it is to be `fresh`, it begins anew, and says who
 * it was. Throws CheckpointError where another process is this slave, or where the file is not its own.
 */
export async function recoverSlave(folder: string, fresh: boolean, log: Log): Promise<Recovered> {
  const opened = await openCheckpoint(folder)
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

/** Throws CheckpointError when a slave is to offer less than what it runs already holds. */
export function refuseTooSmall(slave: Slave, resources: Resources): void {
  const held = heldBy(slave)
  if (fits(held, resources)) return
  throw new CheckpointError(
    `slave ${slave.name} (${slave.slaveId}) still runs what holds ${writeResources(held)}, and it is to offer only ${writeResources(resources)}: give it at least that, let its tasks end first (\`proffer drain ${slave.name}\`), or start it with --fresh, which kills them and makes it another slave`,
  )
}
