/** Between a framework's author and his scheduler's actor: callbacks out, events in. Knows nothing of any bus. */
import type { FrameworkId, OfferId, SlaveId, TaskId } from '../../shared/ids.ts'
import { isTerminal, type Status } from '../../shared/tasks.ts'
import type { News } from '../../statecharts/decision.ts'
import type { Question } from '../../statecharts/scheduler/questions.ts'
import type { Explanation, Framework, OfferFilters, Scheduler, Share, Wanted } from './framework.ts'
import { type Answer, Offer } from './offer.ts'
import { toFilters } from './roles.ts'
import { toResources } from './task.ts'

type Send = (event: { readonly type: string; readonly [field: string]: unknown }) => void

export class Author implements Scheduler {
  frameworkId: FrameworkId | undefined
  private readonly framework: Framework
  private readonly roles: readonly string[]
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
  /** The roles in which there is work, as was last said. */
  private wanted: readonly string[]

  /** `send` hands an event to the scheduler's actor. */
  constructor(framework: Framework, roles: readonly string[], send: Send) {
    this.framework = framework
    this.roles = roles
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

  /** The roles in which there is work. */
  wants(): readonly string[] {
    return this.roles.filter((role) => this.framework.wants?.(role) ?? true)
  }

  kill(taskId: string, graceSeconds?: number): void {
    this.send({ type: 'author.kill', taskId: taskId as TaskId, graceSeconds })
  }

  review(): void {
    const wanted = this.wants()
    if (`${wanted}` === `${this.wanted}`) return
    this.wanted = wanted
    this.send({ type: 'author.want', wanted })
  }

  reconcile(taskIds: readonly string[] = []): void {
    this.send({ type: 'author.reconcile', taskIds })
  }

  filter(filters: OfferFilters, roles = this.roles): void {
    this.send({ type: 'author.filters', roles: this.own(roles), filters: toFilters(filters) })
  }

  clearRefusals(roles = this.roles): void {
    this.send({ type: 'author.clear', roles: this.own(roles) })
  }

  share(): Promise<Share> {
    return this.ask({ about: 'share.get', body: {} })
  }

  explain({ role, slave, attributes, after, limit, ...amounts }: Wanted = {}): Promise<Explanation> {
    const body = {
      ...(role !== undefined && { role }),
      ...(slave !== undefined && { slave }),
      ...(attributes && { attributes: { ...attributes } }),
      ...(Object.keys(amounts).length > 0 && { resources: toResources(amounts) }),
      ...(after !== undefined && { after }),
      ...(limit !== undefined && { limit }),
    }
    return this.ask({ about: 'explain.get', body })
  }

  async explainTask(taskId: string): Promise<readonly string[]> {
    const body = { taskId: taskId as TaskId }
    const { why } = await this.ask<{ readonly why: readonly string[] }>({ about: 'task.explain', body })
    return why
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
      case 'revocation': {
        const { news: _news, ...notice } = news
        this.call(() => framework.onRevocation?.(notice, this))
        break
      }
      case 'backedOff':
        this.call(() => framework.onBackedOff?.(news.seconds, this))
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

  /** A refusal, or no answer, rejects. */
  private async ask<Answered>(question: Question): Promise<Answered> {
    await this.subscribed
    const ref = `ask-${++this.asked}`
    return new Promise((resolve, reject) => {
      this.questions.set(ref, (answer) => {
        const { ok, message } = answer as { ok: boolean; message: string }
        if (ok) resolve(answer as Answered)
        else reject(new Error(message))
      })
      this.send({ type: 'author.ask', ref, ...question })
    })
  }

  private own(roles: readonly string[]): readonly string[] {
    const strange = roles.find((role) => !this.roles.includes(role))
    if (strange === undefined) return roles
    throw new RangeError(`this framework is not in role ${strange}: it is in ${this.roles.join(', ')}`)
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
    const { offers, tasks, operations, refuseSeconds } = answer
    const offerIds = offers.map((offer) => offer.offerId)
    for (const offerId of offerIds) this.offers.delete(offerId)
    this.send({ type: 'author.accept', offerIds, tasks, operations, refuseSeconds })
  }
}

const inWords = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** Whether nothing more can become of the task that this status tells of. */
export const isOver = (status: Pick<Status, 'state'>): boolean => isTerminal(status.state)
