/** One `proffer run` from its start to its exit code: the job as a framework, its output, and its end. */
import { setTimeout as pause } from 'node:timers/promises'
import { logTo } from '../../runtime/log.ts'
import { type RunningScheduler, runScheduler, type Scheduler, type Status } from '../../scheduler/index.ts'
import type { Operator } from '../client.ts'
import { Failure } from '../failure.ts'
import type { GlobalFlags } from '../flags.ts'
import { brokenPipe, onBrokenPipe } from '../pipes.ts'
import { tell } from '../table.ts'
import { endingInWords, isPlainExit } from './ending.ts'
import { Follower, Gate } from './follow.ts'
import { Job, type JobHearer } from './job.ts'
import { LabelledOutput, plainOutput } from './output.ts'
import type { JobPlan } from './plan.ts'
import { whyWaiting } from './waiting.ts'

/** When this process is gone, what it started shall not run on for long. */
const failoverSeconds = 30
/** So long without anything placed, and people are told why. */
const patienceMs = 3000
/** The same reason is not told again before. */
const repeatMs = 30_000
/** A leader that does not answer must not keep a process whose reader is gone. */
const farewellMs = 5000
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** Resolves with what to exit with. Rejects when nobody leads, or when the framework may not go on. */
export async function runJob(plan: JobPlan, operator: Operator, given: GlobalFlags): Promise<number> {
  await operator.ask('cluster.get', {})
  const voice = new Voice(plan, operator)
  const job = new Job(plan, voice)
  const scheduler = await runScheduler({
    ...frameworkOf(job),
    name: plan.name,
    role: plan.role,
    takes: plan.takes,
    principal: given.as,
    failoverSeconds,
    cluster: given.cluster,
    connection: given,
    filters: { atLeast: plan.request, attributes: plan.attributes },
    log: logTo(tell),
  })
  const stopped = stopOnSignals(job, scheduler)
  const stopTelling = tellWhyWaiting(job, plan, operator, scheduler)
  const ended = scheduler.ended.then(({ message }) => Promise.reject(new Failure(message)))
  const code = await Promise.race([job.finished, ended])
  stopTelling()
  await voice.finish()
  ended.catch(() => {})
  await scheduler.teardown()
  return stopped() ?? code
}

const frameworkOf = (job: Job) => ({
  wants: () => job.wants(),
  onOffers: (...answer: Parameters<Job['onOffers']>) => job.onOffers(...answer),
  onStatus: (status: Status) => job.onStatus(status),
  onError: (error: { readonly code: string; readonly message: string }) => job.onError(error),
})

/** What people hear of the job. */
class Voice implements JobHearer {
  readonly #plan: JobPlan
  readonly #operator: Operator
  readonly #gate = new Gate()
  readonly #followers = new Map<string, Follower>()

  constructor(plan: JobPlan, operator: Operator) {
    this.#plan = plan
    this.#operator = operator
  }

  begun(status: Status): void {
    this.#followerOf(status)
  }

  async ended(status: Status): Promise<void> {
    const follower = this.#followerOf(status)
    follower?.end()
    await follower?.finished
    if (!isPlainExit(status) || (this.#plan.instances > 1 && status.state !== 'finished'))
      tell(endingInWords(status))
  }

  again(status: Status, taskId: string): void {
    this.#followers.get(status.taskId)?.end()
    tell(`${endingInWords(status)}; it is launched again as ${taskId}`)
  }

  away({ taskId, slaveId }: Status): void {
    tell(`slave ${slaveId} cannot be reached; task ${taskId} may be running on, waiting for it`)
  }

  /** For eyes; in a file it would be in the way. */
  starting(taskId: string, message: string): void {
    if (process.stderr.isTTY) tell(`task ${taskId}: ${message}`)
  }

  refused(message: string): void {
    tell(message)
  }

  async finish(): Promise<void> {
    await Promise.all([...this.#followers.values()].map(({ finished }) => finished))
  }

  /** Where the task never came to a slave it wrote nothing. */
  #followerOf({ frameworkId, taskId, slaveId, state }: Status): Follower | undefined {
    const known = this.#followers.get(taskId)
    if (known || !slaveId || state === 'dropped' || state === 'lost') return known
    const log = { frameworkId, taskId, slaveId }
    const follower = new Follower(this.#operator, this.#gate, log, {
      stdout: this.#output('stdout', taskId),
      stderr: this.#output('stderr', taskId),
    })
    this.#followers.set(taskId, follower)
    return follower
  }

  #output(stream: 'stdout' | 'stderr', taskId: string) {
    return this.#plan.instances > 1 ? new LabelledOutput(stream, taskId) : plainOutput(stream)
  }
}

/** Ctrl-C kills what was started; once more, and what is left of it is the cluster's to end. Returns what to exit with. */
function stopOnSignals(job: Job, scheduler: RunningScheduler): () => number | undefined {
  let code: number | undefined
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
    if (code !== undefined) process.exit(code)
    code = exitCodes[signal]
    tell('killing what was started; once more, and it is left to end without us')
    job.stop(scheduler)
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  onBrokenPipe(() => {
    const leave = () => process.exit(brokenPipe)
    void scheduler.teardown().then(leave, leave)
    setTimeout(leave, farewellMs)
  })
  return () => code
}

/** The leader and its books are asked more and more seldom: very many may wait at once. */
function tellWhyWaiting(job: Job, plan: JobPlan, operator: Operator, scheduler: Scheduler): () => void {
  let [placed, told, toldAt, patience] = [0, '', 0, patienceMs]
  const look = async () => {
    const stuck = job.isWaiting && job.placed === placed
    placed = job.placed
    patience = stuck ? Math.min(2 * patience, repeatMs) : patienceMs
    if (!stuck) return
    const { cause, sentence } = await whyWaiting(operator, plan, scheduler.frameworkId)
    if (!job.isWaiting || (cause === told && Date.now() - toldAt < repeatMs)) return
    tell(`waiting for resources: ${sentence}`)
    told = cause
    toldAt = Date.now()
  }
  const stop = new AbortController()
  const { signal } = stop
  const lookOnAndOn = async () => {
    for (;;) {
      await pause(patience, undefined, { signal })
      await look()
    }
  }
  lookOnAndOn().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return () => stop.abort()
}
