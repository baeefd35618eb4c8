/** A cluster that lives: its trace, for as long as somebody looks, and what its leader says when he is asked. */
import { setTimeout as pause } from 'node:timers/promises'
import type { RoleRow } from '../../../shared/messages.ts'
import type { Step } from '../../../shared/trace.ts'
import { all, type Operator } from '../../operator/client.ts'
import { askStanding } from '../../operator/standing.ts'
import { Chronicle } from '../chronicle/chronicle.ts'
import { PackedSteps } from '../chronicle/steps.ts'
import type { Answers } from '../language.ts'
import { asSentence } from '../sentence.ts'
import { askCluster } from './clusterQuestions.ts'
import type { ClusterQuestion, Source } from './source.ts'

export interface LiveOptions {
  readonly operator: Operator
  readonly user: string
  /** So many steps can be gone back to. */
  readonly keepSteps: number
  /** Nothing that changes the cluster is asked for. */
  readonly readOnly?: boolean
}

/** A page that is loaded anew comes back at once: what was heard is not given up for that, ms. */
const lingerMs = 10_000
/** What roles are owed changes seldom; it is asked for so often while somebody looks, ms. */
const lookMs = 2000
/** Steps that were heard while the leader was asked how things stand. */
const mostWaiting = 50_000
/** How everything stands is told in pages; where that takes longer than this, whoever looks should know, ms. */
const learningMs = 500
const learning =
  'The leader is asked how everything stands. Where very many tasks run that takes some seconds.'
/** Nothing was heard for so long though somebody looks: it may not be allowed, ms. */
const silentMs = 5000

export class LiveCluster implements Source {
  readonly chronicle: Chronicle
  readonly hello: Source['hello']
  readonly #operator: Operator
  readonly #options: LiveOptions
  readonly #steps = new PackedSteps()
  readonly #told: (() => void)[] = []
  #roles: readonly RoleRow[] = []
  #policy: string | undefined
  #trouble: string | undefined
  #denied: string | undefined
  #stopWatching: (() => void) | undefined
  #leaving: NodeJS.Timeout | undefined
  #looking: AbortController | undefined
  /** While the leader is asked, steps wait: what he says comes before them. */
  #waiting: Step[] | undefined
  #heardAt = 0
  /** Steps that were missing when the leader was last asked. */
  #missed = 0

  constructor(options: LiveOptions) {
    const { operator, user, readOnly } = options
    this.#operator = operator
    this.#options = options
    this.chronicle = new Chronicle(this.#steps)
    const source = { live: true as const, where: operator.where }
    this.hello = { cluster: operator.cluster, source, ...(!readOnly && { user }) }
    operator.bus.onLink((news) => {
      if (news.link === 'denied')
        this.#denied = `The bus does not allow the ${news.operation} ${news.subject}.`
      if (news.link === 'down') this.#say('The bus is out of reach. This goes on by itself when it is back.')
      if (news.link === 'reconnected') void this.#learn()
    })
  }

  get trouble(): string | undefined {
    return this.#trouble
  }
  readonly read = undefined
  get roles(): readonly RoleRow[] {
    return this.#roles
  }
  get policy(): string | undefined {
    return this.#policy
  }

  onChange(tell: () => void): void {
    this.#told.push(tell)
  }

  attend(looked: boolean): void {
    clearTimeout(this.#leaving)
    if (looked) this.#watch()
    else this.#leaving = setTimeout(() => this.#lookAway(), lingerMs)
  }

  ask(question: ClusterQuestion): Promise<Answers[ClusterQuestion['about']]> {
    return askCluster(this.#operator, this.chronicle, question, this.#options.readOnly ?? false)
  }

  async stop(): Promise<void> {
    clearTimeout(this.#leaving)
    this.#lookAway()
  }

  #watch(): void {
    if (this.#stopWatching) return
    this.#heardAt = performance.now()
    this.#stopWatching = this.#operator.watch((step) => this.hear(step))
    this.#looking = new AbortController()
    void this.#learn()
    void this.#lookOn(this.#looking.signal)
  }

  #lookAway(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
    this.#looking?.abort()
    this.chronicle.pause()
  }

  /** A step of it, as it happens or as it was kept. */
  hear(step: Step): void {
    this.#heardAt = performance.now()
    if (!this.#waiting) this.#append(step)
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(step)
  }

  #append(step: Step): void {
    this.#steps.keep(this.chronicle.length, step)
    this.chronicle.append(step)
    this.chronicle.keepAtMost(this.#options.keepSteps)
  }

  /** How everything stands; what was told meanwhile comes behind it. */
  async #learn(): Promise<void> {
    if (this.#waiting) return
    this.#waiting = []
    this.#missed = this.chronicle.missed
    const slow = setTimeout(() => this.#say(learning), learningMs)
    try {
      this.chronicle.know(await askStanding(this.#operator))
      this.#say(undefined)
    } catch (error) {
      this.#say(this.#denied ?? asSentence(error))
    } finally {
      clearTimeout(slow)
    }
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const step of waiting) this.#append(step)
  }

  /** What roles are owed, and whether anything is heard. */
  async #lookOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look().catch((error: unknown) => this.#say(this.#denied ?? asSentence(error)))
      await pause(lookMs, undefined, { signal }).catch(() => {})
    }
  }

  async #look(): Promise<void> {
    const known = this.#trouble === undefined
    const { policy } = await this.#operator.ask('roles.list', { limit: 1 })
    this.#policy = policy
    this.#roles = await all(this.#operator.roles())
    const silent = performance.now() - this.#heardAt > silentMs
    if (silent)
      this.#say(this.#denied ?? 'No step is heard: does the bus allow the subscription to the trace?')
    else if (!known || this.chronicle.missed > this.#missed) await this.#learn()
    for (const tell of this.#told) tell()
  }

  #say(trouble: string | undefined): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    for (const tell of this.#told) tell()
  }
}
