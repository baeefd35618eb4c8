/** A leader who is played: what a framework's scheduler says to him is written down, and he answers as he is told to. */

import type { SimulatedCluster } from '../../services/simulator/index.ts'
import { SimulatedProcess } from '../../services/simulator/process.ts'
import { encode, unpack } from '../../shared/codec.ts'
import type { FrameworkId } from '../../shared/ids.ts'
import type { MessageType } from '../../shared/messages.ts'
import { parseSubject, subscriptions } from '../../shared/subjects.ts'

type Fields = Readonly<Record<string, unknown>>
/** What he says yes with; `undefined`: he is silent. */
type Play = (body: Fields) => object | undefined

const frameworkId = '1-F1' as FrameworkId

export class PlayedLeader {
  readonly heard: { readonly type: MessageType; readonly body: Fields }[] = []
  private readonly cluster: SimulatedCluster
  private readonly plays: Partial<Record<MessageType, Play>> = {
    'framework.subscribe': () => ({ frameworkId, epoch: 1, beatSeconds: 2 }),
    'framework.beat': () => ({ epoch: 1, digest: 0, suppressed: [] }),
    'tasks.reconcile': () => ({ statuses: [] }),
    'offer.accept': () => ({ slaveId: '1-S1' }),
  }

  constructor(cluster: SimulatedCluster) {
    this.cluster = cluster
    const wire = cluster.network.station('leader').wire(new SimulatedProcess(cluster.time))
    for (const subject of subscriptions('sim', { role: 'master' }))
      wire.subscribe(subject, ({ subject, payload, replyTo }) => {
        const envelope = parseSubject('sim', 'master', subject)
        if (typeof envelope === 'string') throw new Error(envelope)
        const { type } = envelope
        const body = unpack(payload) as Fields
        this.heard.push({ type, body })
        const answer = (this.plays[type] ?? (() => ({})))(body)
        if (replyTo && answer) wire.publish(replyTo, encode({ ok: true, ...answer }))
      })
  }

  play(type: MessageType, play: Play): void {
    this.plays[type] = play
  }

  /** Says something to the framework of this principal. */
  say(principal: string, type: MessageType, body: object): void {
    const to = { role: 'scheduler', principal, frameworkId } as const
    this.cluster.stranger({ role: 'master', id: '' }, to, type, { epoch: 1, ...body })
  }

  /** The last of what he heard of this type. */
  last(type: MessageType): Fields | undefined {
    return this.all(type).at(-1)
  }
  all(type: MessageType): Fields[] {
    return this.heard.flatMap((each) => (each.type === type ? [each.body] : []))
  }
}
