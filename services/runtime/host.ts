/**
 * A slave with its command executor in one process: two actors, who speak to each other directly and to everybody
 * else over the wire. Shared by real slaves and simulated ones.
 */
import type { ExecutorSettings, SlaveSettings } from '../../shared/config.ts'
import { commandExecutorId, type FrameworkId, type SlaveId } from '../../shared/ids.ts'
import type { Holdings } from '../../shared/messages.ts'
import type { Effect } from '../../statecharts/decision.ts'
import { executorChart } from '../../statecharts/executor/chart.ts'
import { newExecutor } from '../../statecharts/executor/ledger.ts'
import { slaveChart } from '../../statecharts/slave/chart.ts'
import type { Saved } from '../../statecharts/slave/checkpoint.ts'
import { newSlave, type Slave, type SlaveIdentity } from '../../statecharts/slave/ledger.ts'
import { recall, runIdsOf } from '../../statecharts/slave/recovery.ts'
import { executorRunPrefix } from '../../statecharts/slave/sandboxes.ts'
import { Actor, type Event, type Ports } from './actor.ts'
import type { Isolation, Post } from './ports.ts'

export interface SlaveHostOptions {
  readonly identity: SlaveIdentity
  readonly settings: SlaveSettings
  readonly executorSettings: ExecutorSettings
  readonly isolation: Isolation
  /** The slave's way to everybody else; what it hears there comes to `hear`. */
  readonly post: (hear: (event: Event) => void) => Post
  /** What an earlier process of this slave put down. */
  readonly records?: readonly object[]
  /** What its machine's disk says that it holds for roles. */
  readonly holdings?: Holdings
  readonly ports: Omit<Ports, 'post' | 'isolation'>
}

export class SlaveHost {
  readonly slave: Actor
  readonly executor: Actor
  readonly ledger: Slave

  constructor({ identity, settings, executorSettings, isolation, post, ports, ...given }: SlaveHostOptions) {
    this.ledger = newSlave(identity, settings)
    if (given.holdings) this.ledger.holdings = given.holdings
    recall(this.ledger, (given.records ?? []) as readonly Saved[], ports.clock.now())
    const wire = post((event) => this.slave.hear(event))
    const toExecutor = (effect: Say) => this.executor.hear(local(effect, 'slave', ports.clock.now()))
    const toSlave = (effect: Say) => this.slave.hear(local(effect, 'executor', ports.clock.now()))
    const slavePost = {
      ...bound(wire),
      say: (effect: Say) => (isOurs(effect) ? toExecutor(effect) : wire.say(effect)),
    }
    const executorPost = { ...bound(wire), say: toSlave, close: () => {} }

    const command = newExecutor(
      {
        slaveId: identity.name as SlaveId,
        slaveName: identity.name,
        executorId: commandExecutorId,
        name: commandExecutorId,
        frameworkId: '' as FrameworkId,
        principal: '',
        custom: false,
      },
      executorSettings,
    )
    const { end: _end, disk: _disk, holdings: _holdings, meter: _meter, ...executorPorts } = ports
    this.slave = new Actor(
      { chart: slaveChart, ledger: this.ledger, role: 'slave', id: identity.name },
      { ...ports, isolation, post: slavePost },
    )
    this.executor = new Actor(
      { chart: executorChart, ledger: command, role: 'executor', id: `${identity.name}.command` },
      { ...executorPorts, isolation, post: executorPost },
    )
    isolation.onEvent((event) => {
      const hearer = event.runId.startsWith(executorRunPrefix) ? this.slave : this.executor
      hearer.hear({ ...event, at: ports.clock.now() } as Event)
    })
  }

  /** The runs of which this slave still has to tell, or whose sandboxes it keeps. */
  get runIds(): ReadonlySet<string> {
    return runIdsOf(this.ledger)
  }

  start(): void {
    const at = this.slave.now()
    this.executor.hear({ type: 'start', at })
    this.slave.hear({ type: 'start', at })
  }

  /** Both hear and say nothing more, at once. */
  halt(): void {
    this.slave.halt()
    this.executor.halt()
  }
}

type Say = Extract<Effect, { do: 'say' }>

const isOurs = ({ to }: Say) => to.role === 'executor' && to.executorId === commandExecutorId

const local = ({ type, body }: Say, role: 'slave' | 'executor', at: number) =>
  ({ type, at, from: { role, id: role === 'executor' ? commandExecutorId : '' }, body }) as Event

const bound = (post: Post): Post => ({
  say: (effect) => post.say(effect),
  ask: (effect, answered) => post.ask(effect, answered),
  reply: (to, answer) => post.reply(to, answer),
  listen: (address) => post.listen(address),
  unlisten: (address) => post.unlisten(address),
  close: () => post.close(),
})
