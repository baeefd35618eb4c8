/**
 * Runs a list of work to its end, as much at a time as offers allow.
 *
 *     const jobs = batch(files.map((file) => ({ command: ['gzip', file], cpus: 0.5, mem: 64 })))
 *     const scheduler = await runScheduler({ name: 'compress', ...jobs })
 *     for (const { work, status } of await jobs.results) console.log(work.command, status.state)
 *     await scheduler.teardown()
 */
import { type Framework, isOver, type Offer, type Status, type TaskRequest } from '../scheduler/index.ts'

/** A task as it is to be run; its id is made here. */
export type Work = Omit<TaskRequest, 'id'>
/** How one piece of work has ended, `index` being its place in the list. */
export type Result = { readonly index: number; readonly work: Work; readonly status: Status }

export interface Batch extends Framework {
  /** Every result, in the order of the list, when all have ended. */
  readonly results: Promise<readonly Result[]>
}

/** What is lost with its slave or its executor is started again: `starts` times in all. */
export function batch(works: readonly Work[], { starts = 3, onResult = (_: Result) => {} } = {}): Batch {
  const waiting = works.map((work, index) => ({ work, index, started: 0 })).reverse()
  const running = new Map<string, (typeof waiting)[number]>()
  const ended: Result[] = []
  let end = (_: readonly Result[]) => {}
  const results = new Promise<readonly Result[]>((resolve) => (end = resolve))
  if (works.length === 0) end(ended)

  function fill(offer: Offer): void {
    for (let job = waiting.at(-1); job; job = waiting.at(-1)) {
      const id = `${job.index + 1}.${job.started + 1}`
      if (!offer.add({ ...job.work, id })) return
      job.started++
      running.set(id, job)
      waiting.pop()
    }
  }

  return {
    results,
    wants: () => waiting.length > 0,
    onOffers: (offers) => offers.forEach(fill),
    onStatus(status) {
      const job = running.get(status.taskId)
      if (!job || !isOver(status)) return
      running.delete(status.taskId)
      if (hadNoPart(status)) job.started--
      if ((hadNoPart(status) || wasLost(status)) && job.started < starts) return void waiting.push(job)
      const result = { index: job.index, work: job.work, status }
      ended[job.index] = result
      onResult(result)
      if (waiting.length + running.size === 0) end(ended)
    },
  }
}

/** The offer was gone, or the slave was wanted back: no failure of the work. */
const hadNoPart = ({ reason }: Status): boolean =>
  reason === 'offer-gone' || reason === 'revoked' || reason === 'slave-drained'
const wasLost = ({ state, reason }: Status): boolean =>
  state === 'dropped' || state === 'lost' || reason === 'executor-lost' || reason === 'slave-stopped'
