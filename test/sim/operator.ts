/** An operator of the simulated cluster. */
import type { SimulatedCluster } from '../../services/simulator/index.ts'
import { unpack } from '../../shared/codec.ts'
import type { AskType } from '../../shared/messages.ts'

/** Asks the leader, and hears the answer, if one comes. */
export function operatorAsk(
  cluster: SimulatedCluster,
  type: AskType,
  body: object,
  hear: (answer: Record<string, unknown>) => void = () => {},
): void {
  cluster.stranger({ role: 'operator', id: 'op' }, { role: 'master' }, type, body, (answer) =>
    hear((answer instanceof Uint8Array ? unpack(answer) : answer) as Record<string, unknown>),
  )
}
