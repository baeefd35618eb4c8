/** Subjects with placeholders, made by the very code that makes real ones. */
import type { ExecutorId, FrameworkId, SlaveId } from '../../../shared/ids.ts'
import type { MessageType, Role } from '../../../shared/messages.ts'
import { type Address, type Speaker, subject, subscriptions } from '../../../shared/subjects.ts'

const cluster = '_cluster_'
const addresses: Readonly<Record<Exclude<Role, 'operator'> | 'all', Address>> = {
  master: { role: 'master' },
  scheduler: { role: 'scheduler', principal: '_principal_', frameworkId: '_frameworkId_' as FrameworkId },
  slave: { role: 'slave', slaveId: '_slaveId_' as SlaveId },
  executor: {
    role: 'executor',
    slaveId: '_slaveId_' as SlaveId,
    executorId: '_executorId_' as ExecutorId,
  },
  all: { role: 'all' },
}
const speakers: Readonly<Record<Role, string>> = {
  master: '',
  scheduler: '_principal_',
  slave: '_slaveName_',
  executor: '_slaveId.executorId_',
  operator: '_user_',
}

/** The subject on which a role says a message to another. */
export function spoken(type: MessageType, from: Role, to: Role | 'all'): string {
  if (to === 'operator') throw new Error('nobody says anything to an operator')
  const speaker: Speaker = { role: from, id: speakers[from] }
  return shown(subject(cluster, type, speaker, addresses[to]))
}

/** Where a role listens. */
export const listening = (role: keyof typeof addresses): string[] =>
  subscriptions(cluster, addresses[role]).map(shown)

/** `_name_` can stand in a subject as it is, and is written `<name>`; a dot within it was encoded. */
const shown = (written: string) =>
  written.replaceAll(/_([A-Za-z.=]+?)_/g, (_, name) => `<${name}>`).replaceAll('=2E', '.')
