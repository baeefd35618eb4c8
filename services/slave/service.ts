/** A slave as a service of NATS: `nats micro ls` finds it, admitted or not. */
import type { Slave } from '../../statecharts/slave/ledger.ts'
import type { Service } from '../runtime/micro/micro.ts'
import type { Questions } from '../runtime/micro/questions.ts'
import { version } from '../runtime/package.ts'

export interface ServedSlave {
  readonly cluster: string
  readonly ledger: Slave
  /** The state of its chart. */
  readonly present: () => string
  readonly questions: Questions
}

export const slaveService = ({ cluster, ledger, present, questions }: ServedSlave): Service => ({
  name: 'proffer-slave',
  id: ledger.incarnation,
  version,
  description: 'Offers what its machine has, and runs what it is told to.',
  metadata: () => {
    const { name, isolation, slaveId, epoch } = ledger
    const known = slaveId && { slaveId, epoch: `${epoch}` }
    return { cluster, name, state: present(), isolation, ...known }
  },
  // Until it has an id nobody can ask it anything.
  endpoints: () =>
    ledger.slaveId ? questions.endpoints(cluster, { role: 'slave', slaveId: ledger.slaveId }) : [],
})
