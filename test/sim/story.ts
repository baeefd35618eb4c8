/**
 * A story: a few commands, and everything that every role then did. The framework of a story holds each offer until
 * the story says what becomes of it.
 */

import type { Offer } from '../../services/scheduler/offer.ts'
import type { TaskRequest } from '../../services/scheduler/task.ts'
import { type FrameworkTraits, SimulatedCluster } from '../../services/simulator/index.ts'
import { encode, unpack } from '../../shared/codec.ts'
import type { AskType, MessageType, Taken } from '../../shared/messages.ts'
import { type Step, stepInWords } from '../../shared/trace.ts'
import { parseResources } from '../../shared/written.ts'
import type { Policy } from '../../statecharts/master/allocator/allocator.ts'
import { operatorAsk } from './operator.ts'

/** Steps that only say that time passes; told when something comes of them. */
const quiet = new Set([
  'wake.beat',
  'slave.beat',
  'framework.beat',
  'answer.framework.beat',
  'wake.silence',
  'wake.sweep',
  'wake.lease',
  'wake.register',
  'wake.subscribe',
  'wake.repeat',
  'wake.ping',
  'leader.ping',
  'answer.leader.ping',
  'executor.beat',
  'answer.executor.beat',
  'registry.kept',
])
const routine = new Set([
  'say slave.beat',
  'ask framework.beat',
  'ask leader.ping',
  'ask executor.beat',
  'reply',
  'lease',
  'wake',
  'save',
])

/** A policy from outside that fails as soon as it is to decide. */
const broken: Policy = {
  name: 'broken',
  measure: () => 0,
  order: () => {
    throw new Error('I never learned to count')
  },
}

export class Story {
  private readonly lines: string[] = []
  private readonly offers = new Map<string, Offer[]>()
  private cluster = new SimulatedCluster()
  private failoverSeconds = 600

  /** Runs the commands of a story and returns it whole, with what happened. */
  static tell(text: string): string {
    const [commands = ''] = text.split('\n----\n')
    const story = new Story()
    for (const line of commands.split('\n')) {
      if (line.trim() === '' || line.startsWith('#')) continue
      story.lines.push(`> ${line}`)
      story.command(line)
    }
    return `${commands}\n----\n${story.lines.join('\n')}\n`
  }

  private command(line: string): void {
    const [verb = '', ...words] = line.match(/"[^"]*"|[^\s"]+(?:"[^"]*")?/g) ?? []
    const command = this.commands[verb]
    if (!command) throw new Error(`a story does not know: ${verb}`)
    const options = Object.fromEntries(
      words
        .filter((word) => word.includes('='))
        .map((word) => [word.slice(0, word.indexOf('=')), unquoted(word.slice(word.indexOf('=') + 1))]),
    )
    command(words.filter((word) => !word.includes('=')).map(unquoted), options)
  }

  private readonly commands: Record<string, (words: string[], options: Record<string, string>) => void> = {
    cluster: (_, { masters = 'M0', slaves = '', frameworks = '', failoverSeconds = '600', ...settings }) => {
      const master = Object.fromEntries(
        Object.entries(settings).map(([name, value]) => [name, Number(value)]),
      )
      this.cluster = new SimulatedCluster({ master, policies: { broken }, onStep: (step) => this.note(step) })
      for (const name of list(masters)) this.cluster.addMaster(name)
      for (const slave of list(slaves)) this.addSlave(slave)
      this.failoverSeconds = Number(failoverSeconds)
      for (const name of list(frameworks)) this.addFramework(name)
    },
    // `start framework F1 roles=eng/ads takes=revocable`
    start: ([kind, what = ''], { roles, takes }) => {
      if (kind === 'master') this.cluster.addMaster(what)
      if (kind === 'slave') this.addSlave(what)
      if (kind === 'framework')
        this.addFramework(what, {
          ...(roles && { roles: list(roles) }),
          ...(takes && { takes: list(takes) as Taken[] }),
        })
    },
    pass: ([span = '0s']) => this.cluster.pass(seconds(span)),
    launch: ([who = '', ...ids], { on, refuse = '0s', create, ...what }) => {
      const offer = this.held(who).find((each) => !on || each.slaveName === on)
      if (!offer) throw new Error(`${who} holds no offer${on ? ` of ${on}` : ''}`)
      if (create) {
        const { volumeId, diskMb: disk } = volume(create)
        offer.reserve({ disk })
        offer.createVolume(volumeId, { disk })
      }
      for (const id of ids) this.add(offer, asked(id, what))
      offer.send(seconds(refuse))
      this.drop(who, offer)
    },
    decline: ([who = ''], { for: span = '0s', reason = 'unsaid' }) => {
      for (const offer of this.held(who)) offer.decline(reason, seconds(span))
      this.offers.set(who, [])
    },
    kill: ([who = '', taskId = ''], { grace }) =>
      this.cluster.frameworks.get(who)?.author.kill(taskId, grace ? seconds(grace) : undefined),
    want: ([who = '', wanted]) =>
      this.cluster.frameworks.get(who)?.actor.hear({
        type: 'author.want',
        at: this.cluster.time.now(),
        wanted: wanted === 'offers' ? [who] : [],
      } as never),
    filter: ([who = ''], { slaves }) =>
      this.cluster.frameworks.get(who)?.author.filter(slaves ? { slaves: list(slaves) } : {}),
    leave: ([who = ''], { for: good }) =>
      this.cluster.frameworks
        .get(who)
        ?.actor.hear({ type: 'stop', at: this.cluster.time.now(), teardown: good === 'good' } as never),
    lose: ([type = ''], { times = '1' }) => this.cluster.lose(type, Number(times)),
    // Its machine is switched off; its process is killed; it is started again.
    destroy: ([who = '']) => this.cluster.kill(who),
    crash: ([who = '']) => this.cluster.crash(who),
    // A slave is stopped on purpose; what it runs goes on.
    halt: ([who = '']) => {
      const slave = this.cluster.slaves.get(who)
      slave?.host.slave.hear({ type: 'stop', at: slave.process.now(), kill: false } as never)
    },
    restart: ([who = '']) => this.cluster.restart(who),
    sleep: ([who = '']) => this.cluster.pause(who, true),
    wake: ([who = '']) => this.cluster.pause(who, false),
    disk: ([who = '', state = '']) => {
      const disk = this.cluster.slaves.get(who)?.disk
      if (disk) disk.failure = state === 'full' ? 'ENOSPC: no space left on device' : undefined
    },
    store: ([state = '']) => {
      for (const store of [this.cluster.leases, this.cluster.registry]) {
        if (state === 'lost') store.lose()
        else store.hasQuorum = state === 'well'
      }
    },
    operator: ([type = '', slave = ''], { within, grace, role, reserve, create, destroy }) =>
      operatorAsk(
        this.cluster,
        type as AskType,
        {
          slave,
          ...(within && { withinSeconds: seconds(within) }),
          ...(grace && { graceSeconds: seconds(grace) }),
          ...(role && { role }),
          ...(reserve && { reserve: parseResources(reserve) }),
          ...(create && { createVolumes: list(create).map(volume) }),
          ...(destroy && { destroyVolumes: list(destroy) }),
        },
        ({ ok, code = '', message = '' }) =>
          this.lines.push(`${this.time()} operator is answered: ${ok ? 'ok' : `${code}: ${message}`}`),
      ),
    // What is set for a role: `sharing eng guarantee=cpus:2 limit=cpus:4 weight=2`; or the policy.
    sharing: ([role], { weight, guarantee, limit, policy }) =>
      operatorAsk(this.cluster, 'sharing.set', {
        roles: role
          ? [
              {
                role,
                ...(weight && { weight: Number(weight) }),
                ...(guarantee && { guarantee: parseResources(guarantee) }),
                ...(limit && { limit: parseResources(limit) }),
              },
            ]
          : [],
        ...(policy && { policy }),
      }),
    cut: ([who = '']) => this.cluster.connect(who, false),
    join: ([who = '']) => this.cluster.connect(who, true),
    // A message as a stranger would write it, past the scheduler's own care.
    accept: ([who = '', ...offerIds], { task = 't9', cpu = '1', mem = '100' }) => {
      const resources = { cpuMilli: Number(cpu) * 1000, memMb: Number(mem), diskMb: 0, gpus: 0 }
      const frameworkId = this.cluster.frameworks.get(who)?.ledger.frameworkId
      this.ask(who, 'offer.accept', {
        frameworkId,
        offerIds,
        tasks: [{ taskId: task, resources, command: { argv: ['sleep', '5'] } }],
        refuseSeconds: 0,
      })
    },
  }

  private ask(who: string, type: MessageType, body: object): void {
    this.cluster.stranger(
      { role: 'scheduler', id: who },
      { role: 'master' },
      type,
      encode(body),
      (answer) => {
        const {
          ok,
          code = '',
          message = '',
        } = (answer instanceof Uint8Array ? unpack(answer) : answer) as Record<string, unknown>
        this.lines.push(`${this.time()} ${who} is answered: ${ok ? 'ok' : `${code}: ${message}`}`)
      },
    )
  }

  private addSlave(written: string): void {
    const [name = '', has = ''] = written.split(':')
    const amount = (unit: string) =>
      Number(
        has
          .split(',')
          .find((part) => part.endsWith(unit))
          ?.slice(0, -unit.length) ?? 0,
      )
    const resources = { cpus: amount('cpu'), mem: amount('mb'), disk: amount('disk') }
    this.cluster.addSlave(name, { resources })
  }

  /** `A:F0` is a scheduler A of framework F0, with others that stand by for it. */
  private addFramework(written: string, traits: FrameworkTraits = {}): void {
    const [name = '', standbyOf] = written.split(':')
    this.offers.set(name, [])
    const frameworkId = this.cluster.frameworks.get(name)?.ledger.frameworkId
    this.cluster.addFramework(
      name,
      {
        onOffers: (offers) => {
          for (const offer of offers) offer.hold()
          this.offers.get(name)?.push(...offers)
        },
        onRescinded: (offerIds) =>
          this.offers.set(
            name,
            this.held(name).filter((offer) => !offerIds.includes(offer.id)),
          ),
        onRevocation: ({ slaveName, withinSeconds, taskIds }) =>
          this.lines.push(
            `${this.time()} ${name} is told: give back of ${slaveName} within ${withinSeconds} s: ${taskIds.join(' ')}`,
          ),
        onDraining: ({ slaveName, withinSeconds, taskIds }) =>
          this.lines.push(
            `${this.time()} ${name} is told: give back ${slaveName} within ${withinSeconds} s: ${taskIds.join(' ')}`,
          ),
        onError: ({ code, message }) =>
          this.lines.push(`${this.time()} ${name} is told: ${code}: ${message}`),
      },
      {
        failoverSeconds: this.failoverSeconds,
        ...traits,
        ...(frameworkId && { frameworkId }),
        ...(standbyOf && { standbyOf }),
      },
    )
  }

  private add(offer: Offer, task: TaskRequest): void {
    if (!offer.add(task)) throw new Error(`${task.id} does not fit offer ${offer.id}`)
  }

  private held = (who: string): Offer[] => this.offers.get(who) ?? []
  private drop = (who: string, offer: Offer) =>
    this.offers.set(
      who,
      this.held(who).filter((each) => each !== offer),
    )

  private note(step: Step): void {
    const dull =
      quiet.has(step.heard.type) &&
      step.effects.every((effect) => isRoutine(effect)) &&
      step.before === step.after
    if (!dull) this.lines.push(`${this.time()} ${stepInWords(step)}`)
  }

  private time = () => (this.cluster.time.passed / 1000).toFixed(3).padStart(7)
}

function isRoutine(effect: { readonly do: string }): boolean {
  const { type, answer } = effect as { type?: string; answer?: { ok: boolean } }
  return (
    routine.has(effect.do === 'say' || effect.do === 'ask' ? `${effect.do} ${type}` : effect.do) &&
    answer?.ok !== false
  )
}

/** A task as a story writes it: `cpu=0.5 run="sleep 4" max=2s volume=db:data`. */
function asked(id: string, options: Record<string, string>): TaskRequest {
  const { cpu = '1', mem = '100', run = 'sleep 5', max, volume: mount } = options
  const [volumeId = '', path = ''] = mount?.split(':') ?? []
  return {
    id,
    cpus: Number(cpu),
    mem: Number(mem),
    command: run.split(' '),
    ...(max && { maxSeconds: seconds(max) }),
    ...(mount && { volumes: [{ volumeId, path }] }),
  }
}
/** `db:200` is a volume of 200 MiB. */
function volume(written: string) {
  const [volumeId = '', diskMb] = written.split(':')
  return { volumeId, diskMb: Number(diskMb) }
}
const list = (written: string) => written.split(/[;\s]/).filter(Boolean)
const unquoted = (word: string) => word.replaceAll('"', '')
const seconds = (span: string) =>
  span.endsWith('ms') ? Number(span.slice(0, -2)) / 1000 : Number(span.replace(/s$/, ''))
