/** Between a framework's author and his scheduler's actor: callbacks out, events in. Knows nothing of any bus. */
import type { FrameworkId, OfferId, SlaveId, TaskId } from '../../shared/ids.ts'
import type { Filters } from '../../shared/messages.ts'
import type { Resources } from '../../shared/resources.ts'
import { isTerminal, type Status } from '../../shared/tasks.ts'
import type { News } from '../../statecharts/decision.ts'
import { type Answer, Offer } from './offer.ts'
import { type Amounts, toResources } from './task.ts'

/** What an author answers. Only `onOffers` must be there. */
export interface Framework {
  /** Add tasks to offers. What is neither sent, declined nor held when this returns is answered: sent if it has tasks, else declined. */
  onOffers(offers: readonly Offer[], scheduler: Scheduler): void | Promise<void>
  /**
   * Told once for each update, in order per task. An update is acknowledged when this has returned, or what it returned
   * has settled: whoever dies before that is told again in his next life.
   */
  onStatus?(status: Status, scheduler: Scheduler): void | Promise<void>
  /** Whether there is work. Asked after each callback and on `review()`; wanting nothing suppresses offers. */
  wants?(): boolean
  /** The ids of tasks that an earlier process of this framework launched, and did not see end: each is asked about. */
  remembers?(): readonly string[]
  onSubscribed?(frameworkId: FrameworkId, scheduler: Scheduler): void
  onRescinded?(offerIds: readonly OfferId[], reason: string): void
  onMessage?(
    payload: Uint8Array,
    from: { readonly slaveId: SlaveId; readonly executor: string },
    scheduler: Scheduler,
  ): void
  /** This scheduler, of several that stand by for one another, leads from now on: bring back what it must remember. */
  onLeading?(scheduler: Scheduler): void | Promise<void>
  /** An operator wants a slave empty: what you have not ended there by then is killed. */
  onDraining?(
    slave: {
      readonly slaveId: SlaveId
      readonly slaveName: string
      readonly withinSeconds: number
      readonly taskIds: readonly TaskId[]
    },
    scheduler: Scheduler,
  ): void
  onSlaveLost?(slave: { readonly slaveId: SlaveId; readonly slaveName: string }): void
  onExecutorLost?(executor: {
    readonly slaveId: SlaveId
    readonly name: string
    readonly message: string
  }): void
  /** Something was refused, or a callback of this framework failed. */
  onError?(error: { readonly code: string; readonly message: string }): void
}

/** Filters as people write them. */
export interface OfferFilters {
  readonly slaves?: readonly string[]
  readonly atLeast?: Amounts
  readonly attributes?: Readonly<Record<string, string>>
}

export interface Share {
  readonly guaranteed: Resources
  /** Dominant share over weight, 0..1. */
  readonly share: number
  readonly booked: Resources
  readonly offered: Resources
  readonly total: Resources
}

/** What an author may do at any time. */
export interface Scheduler {
  readonly frameworkId: FrameworkId | undefined
  /** Kills a task: said again until it is over. */
  kill(taskId: string, graceSeconds?: number): void
  /** Asks `wants` again, when something outside of the callbacks has changed. */
  review(): void
  /**
   * Asks the leader what it knows of every task, and of these, which an earlier process launched; differences come as
   * statuses. It happens by itself after each gap.
   */
  reconcile(taskIds?: readonly string[]): void
  /** Only such slaves from now on. */
  filter(filters: OfferFilters): void
  /** What is guaranteed to this framework, and what it has. */
  share(): Promise<Share>
  /** Bytes to an executor; best effort, in order. */
  message(slaveId: SlaveId, executor: string, payload: Uint8Array): void
  /** Stops an executor and its tasks. */
  shutDownExecutor(slaveId: SlaveId, name: string): void
}

type Send = (event: { readonly type: string; readonly [field: string]: unknown }) => void

export class Author implements Scheduler {
  frameworkId: FrameworkId | undefined
  private readonly framework: Framework
  private readonly send: Send
  private readonly questions = new Map<string, (answer: unknown) => void>()
  private readonly offers = new Map<OfferId, Offer>()
  /** Before the leader has answered there is nothing to ask about. */
  private readonly subscribed: Promise<void>
  private noteSubscribed: () => void = () => {}
  private asked = 0
  private recalled = false
  /** Callbacks that have not settled. */
  private readonly busy = new Set<Promise<void>>()
  private wanted: boolean

  /** `send` hands an event to the scheduler's actor. */
  constructor(framework: Framework, send: Send) {
    this.framework = framework
    this.send = send
    this.wanted = this.wants()
    this.subscribed = new Promise((resolve) => {
      this.noteSubscribed = resolve
    })
  }

  /** When nothing of what he was told keeps the author busy any more. */
  async idle(): Promise<void> {
    while (this.busy.size > 0) await Promise.allSettled(this.busy)
  }

  wants(): boolean {
    return this.framework.wants?.() ?? true
  }

  kill(taskId: string, graceSeconds?: number): void {
    this.send({ type: 'author.kill', taskId: taskId as TaskId, graceSeconds })
  }

  review(): void {
    const wanted = this.wants()
    if (wanted === this.wanted) return
    this.wanted = wanted
    this.send({ type: 'author.want', wanted })
  }

  reconcile(taskIds: readonly string[] = []): void {
    this.send({ type: 'author.reconcile', taskIds })
  }

  filter(filters: OfferFilters): void {
    this.send({ type: 'author.filters', filters: toFilters(filters) })
  }

  async share(): Promise<Share> {
    await this.subscribed
    const ref = `share-${++this.asked}`
    return new Promise((resolve, reject) => {
      this.questions.set(ref, (answer) => {
        const { ok, message } = answer as { ok: boolean; message: string }
        if (ok) resolve(answer as Share)
        else reject(new Error(message))
      })
      this.send({ type: 'author.share', ref })
    })
  }

  message(slaveId: SlaveId, executor: string, payload: Uint8Array): void {
    this.send({ type: 'author.message', slaveId, executor, payload })
  }

  shutDownExecutor(slaveId: SlaveId, name: string): void {
    this.send({ type: 'author.shutdown', slaveId, name })
  }

  /** News from the actor; the author is told, and asked whether he wants offers. */
  hear(news: News): void {
    const { framework } = this
    switch (news.news) {
      case 'subscribed':
        this.frameworkId = news.frameworkId
        this.noteSubscribed()
        this.call(() => framework.onSubscribed?.(news.frameworkId, this))
        this.recall()
        break
      case 'offers':
        this.showOffers(news.offers.map((offer) => new Offer(offer, (answer) => this.answer(answer))))
        break
      case 'rescinded':
        for (const offerId of news.offerIds) this.offers.delete(offerId)
        this.call(() => framework.onRescinded?.(news.offerIds, news.reason))
        break
      case 'status':
        this.call(
          () => framework.onStatus?.(news.status, this),
          () => this.noteHeard(news.status),
        )
        break
      case 'message':
        this.call(() =>
          framework.onMessage?.(news.payload, { slaveId: news.slaveId, executor: news.executor }, this),
        )
        break
      case 'leads':
        this.prepare()
        break
      case 'draining':
        this.call(() => framework.onDraining?.(news, this))
        break
      case 'slave.lost':
        this.call(() => framework.onSlaveLost?.(news))
        break
      case 'executor.lost':
        this.call(() => framework.onExecutorLost?.(news))
        break
      case 'refused':
        this.complain(news.code, news.message)
        break
      case 'answer':
        this.questions.get(news.ref)?.(news.answer)
        this.questions.delete(news.ref)
        break
    }
  }

  /** Whoever cannot bring back what he must remember does not lead. */
  private prepare(): void {
    const ready = () => this.send({ type: 'author.ready' })
    const failed = (error: unknown) => {
      this.complain('callback-failed', inWords(error))
      this.send({ type: 'stop', teardown: false })
    }
    try {
      const outcome = this.framework.onLeading?.(this)
      if (outcome instanceof Promise) outcome.then(ready, failed)
      else ready()
    } catch (error) {
      failed(error)
    }
  }

  /** Once in each process: what it launches itself it knows. */
  private recall(): void {
    if (this.recalled) return
    this.recalled = true
    this.call(() => {
      const taskIds = this.framework.remembers?.() ?? []
      if (taskIds.length > 0) this.reconcile(taskIds)
    })
  }

  private noteHeard({ frameworkId, taskId, slaveId, seq }: Status): void {
    if (seq > 0) this.send({ type: 'author.heard', status: { frameworkId, taskId, slaveId, seq } })
  }

  private showOffers(offers: readonly Offer[]): void {
    for (const offer of offers) this.offers.set(offer.id, offer)
    // One that was rescinded meanwhile, too: the tasks that were added to it are told of.
    const settle = () => {
      for (const offer of offers) offer.settle()
    }
    this.call(() => this.framework.onOffers(offers, this), settle)
  }

  /** Calls the author; his mistakes are his own, and stop nothing. */
  private call(callback: () => void | Promise<void>, after: () => void = () => {}): void {
    const done = () => {
      after()
      this.review()
    }
    const failed = (error: unknown) => {
      this.complain('callback-failed', inWords(error))
      done()
    }
    try {
      const outcome = callback()
      if (outcome instanceof Promise) this.await(outcome.then(done, failed))
      else done()
    } catch (error) {
      failed(error)
    }
  }

  private await(work: Promise<void>): void {
    this.busy.add(work)
    void work.finally(() => this.busy.delete(work))
  }

  private complain(code: string, message: string): void {
    const { onError } = this.framework
    if (onError) onError.call(this.framework, { code, message })
    else process.emitWarning(message, { code })
  }

  private answer(answer: Answer): void {
    if (answer.answer === 'decline') {
      const { offer, refuseSeconds, reason } = answer
      this.offers.delete(offer.offerId)
      this.send({ type: 'author.decline', offerIds: [offer.offerId], refuseSeconds, reason })
      return
    }
    const offerIds = answer.offers.map((offer) => offer.offerId)
    for (const offerId of offerIds) this.offers.delete(offerId)
    this.send({ type: 'author.accept', offerIds, tasks: answer.tasks, refuseSeconds: answer.refuseSeconds })
  }
}

const inWords = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

export function toFilters({ slaves, atLeast, attributes }: OfferFilters): Filters {
  const filters: Filters = {}
  if (slaves) filters.slaves = [...slaves]
  if (atLeast) filters.atLeast = toResources(atLeast)
  if (attributes) filters.attributes = { ...attributes }
  return filters
}

/** Whether nothing more can become of the task that this status tells of. */
export const isOver = (status: Pick<Status, 'state'>): boolean => isTerminal(status.state)
