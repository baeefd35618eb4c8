/** Promises that span several moments and several processes: who was succeeded, and who was told what by whom. */
import type { SimulatedCluster } from '../../services/simulator/index.ts'
import { type FrameworkId, taskKey } from '../../shared/ids.ts'
import { isTerminal } from '../../shared/tasks.ts'
import type { Master } from '../../statecharts/master/ledger.ts'
import type { Told } from './workload.ts'

/** What is remembered from one moment to the next. */
export class Spans {
  /** The latest reign: who, and by which write it began. */
  private latest: { readonly master: Master; readonly epoch: number; readonly takenAt: number } | undefined
  private losses = 0
  /** Reigns that began before the store was lost. */
  private stale: ReadonlySet<string> = new Set()
  private looked = 0
  /** The last update of each task that its framework was told, by the slave that it was on. */
  private readonly told = new Map<string, number>()
  private readonly over = new Set<string>()
  private readonly givenUp = new Set<string>()

  check(cluster: SimulatedCluster, told: readonly Told[]): void {
    this.noteTold(told)
    this.nobodyRenewsWhatWasTaken(cluster)
    // After that another machine may have been given the id of one that is gone.
    this.noteGivenUp(cluster)
    if (cluster.leases.losses === 0) this.aSlaveKnowsWhatItTold(cluster)
    this.nothingIsForgottenUntold(cluster)
  }

  private noteTold(told: readonly Told[]): void {
    for (; this.looked < told.length; this.looked++) {
      const status = told[this.looked]?.status
      if (!status) continue
      const key = taskKey(status.frameworkId, status.taskId)
      if (isTerminal(status.state)) this.over.add(key)
      const where = `${key} ${status.slaveId}`
      this.told.set(where, Math.max(this.told.get(where) ?? 0, status.seq))
    }
  }

  /** 5. Whoever was succeeded writes the lease no more. */
  private nobodyRenewsWhatWasTaken({ masters, leases }: SimulatedCluster): void {
    if (this.losses !== leases.losses) {
      this.latest = undefined
      this.stale = new Set([...masters.values()].map(({ ledger }) => `${ledger.name} ${ledger.epoch}`))
    }
    this.losses = leases.losses
    for (const { actor, ledger } of masters.values()) {
      const { revision, floor } = ledger.lease
      // Who leads yet by what the store held before it was lost is about to find out.
      const isStale = this.stale.has(`${ledger.name} ${ledger.epoch}`)
      if (actor.present !== 'leading' || isStale) continue
      const { latest } = this
      if (!latest || ledger.epoch > latest.epoch)
        this.latest = { master: ledger, epoch: ledger.epoch, takenAt: ledger.epoch - floor }
      else if (ledger !== latest.master && revision > latest.takenAt)
        throw new Error(
          `promise 5 is broken: ${ledger.name} renews epoch ${ledger.epoch}, succeeded by ${latest.epoch}`,
        )
    }
  }

  /** 4. An update leaves its slave's books only when its framework was told it, or had been told the end. */
  private nothingIsForgottenUntold({ slaves }: SimulatedCluster): void {
    for (const { ledger } of slaves.values()) {
      // One that was given up has no name of its own until it comes back as another.
      if (ledger.slaveId === undefined) continue
      for (const [key, { acked }] of ledger.tasks) {
        const told = this.told.get(`${key} ${ledger.slaveId}`) ?? 0
        if (acked > told && !this.over.has(key))
          throw new Error(
            `promise 4 is broken: ${ledger.name} forgets update ${acked} of ${key}, told ${told}`,
          )
      }
    }
  }

  /**
   * Those that were told to stop, for the leader has told their tasks lost: what ran there is nobody's. Of what was over
   * nothing is left to see it by.
   */
  private noteGivenUp({ slaves, masters }: SimulatedCluster): void {
    for (const { ledger, host } of slaves.values()) {
      if (host.slave.present !== 'stopped' || ledger.slaveId === undefined) continue
      const { slaveId, name, tasks } = ledger
      const isGone = [...masters.values()].some(({ ledger }) => ledger.goneSlaves.has(slaveId))
      if (isGone || [...tasks.values()].some(({ audience }) => audience === 'nobody'))
        this.givenUp.add(`${name} ${slaveId}`)
    }
  }

  /** 4. What a framework was told its slave knows, whatever became of the slave's process since. */
  private aSlaveKnowsWhatItTold({ frameworks, slaves }: SimulatedCluster): void {
    for (const { ledger: framework, process: scheduler } of frameworks.values()) {
      // Of several schedulers another may have heard, and acknowledged, what this one has not.
      if (framework.standby || !scheduler.lives) continue
      for (const { taskId, slaveId, told = 0 } of framework.tasks.values()) {
        for (const { ledger: slave, process, host, disk } of slaves.values()) {
          if (this.givenUp.has(`${slave.name} ${slaveId}`)) continue
          // One whose disk failed took no new tasks, and could not keep the old.
          if (host.slave.present === 'stopped' || disk.hasFailed) continue
          if (told === 0 || !process.lives || slave.slaveId !== slaveId) continue
          const known = slave.tasks.get(taskKey(framework.frameworkId ?? ('' as FrameworkId), taskId))
          // That a command runs its slave finds out again, and says again by the same number.
          if (known ? known.seq < told && told > 1 : true)
            throw new Error(
              `promise 4 is broken: ${slave.name} has told update ${told} of ${taskId} and knows ${known?.seq ?? 'nothing of it'}`,
            )
        }
      }
    }
  }
}
