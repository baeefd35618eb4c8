/** A master as a service of NATS: `nats micro ls` finds those that stand by, too. */
import type { Master } from '../../statecharts/master/ledger.ts'
import type { Service } from '../runtime/micro/micro.ts'
import type { Questions } from '../runtime/micro/questions.ts'
import { version } from '../runtime/package.ts'

export interface ServedMaster {
  readonly cluster: string
  readonly ledger: Master
  /** The state of its chart. */
  readonly present: () => string
  readonly questions: Questions
}

export function masterService(served: ServedMaster): Service {
  const { cluster, ledger, present, questions } = served
  const leads = () => present() === 'leading'
  return {
    name: 'proffer-master',
    id: ledger.lease.nonce,
    version,
    description: 'Leads a cluster, and offers what its slaves have; or stands by.',
    metadata: () => ({
      ...{ cluster, name: ledger.name, state: present() },
      ...(leads() && { epoch: `${ledger.epoch}` }),
    }),
    // Whoever stands by is asked nothing.
    endpoints: () => (leads() ? questions.endpoints(cluster, { role: 'master' }) : []),
  }
}
