/** A real cluster for tests: a nats-server of its own, masters and slaves in this process, commands as real processes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MasterOptions, startMaster } from '../../services/master/main.ts'
import { processIsolation } from '../../services/runtime/isolation/processes.ts'
import { type Log, openLog } from '../../services/runtime/log.ts'
import type { Running } from '../../services/runtime/member.ts'
import {
  isOver,
  type RunningScheduler,
  runScheduler,
  type SchedulerOptions,
  type Status,
  type TaskRequest,
} from '../../services/scheduler/index.ts'
import { toResources } from '../../services/scheduler/task.ts'
import { type SlaveOptions, startSlave } from '../../services/slave/main.ts'
import { readMasterSettings, readSlaveSettings } from '../../shared/config.ts'
import { connectionTo, Heard, startTestNats } from './bus-world.ts'

export interface TestCluster {
  readonly url: string
  addMaster(name: string, settings?: Record<string, number>, more?: Partial<MasterOptions>): Promise<Running>
  addSlave(name: string, more?: Partial<SlaveOptions> & { cpus?: number }): Promise<Running>
  /** A framework that launches these tasks as soon as they fit, and what it was told. */
  run(name: string, tasks: readonly TaskRequest[], more?: Partial<SchedulerOptions>): Promise<TestFramework>
  /** NATS ends, and comes back without anything that it had stored. */
  restartEmpty(): Promise<void>
  stop(): Promise<void>
}

export interface TestFramework {
  readonly scheduler: RunningScheduler
  readonly told: Heard<Status>
  /** The last word on a task, once it has been said. */
  end(taskId: string): Promise<Status>
  /** The first word that a task is in this state. */
  state(taskId: string, state: Status['state']): Promise<Status>
}

export async function startTestCluster({
  log = openLog({ level: 'silent', pretty: false }),
}: {
  log?: Log
} = {}): Promise<TestCluster> {
  const nats = await startTestNats()
  const folder = mkdtempSync(join(tmpdir(), 'proffer-test-'))
  const connection = connectionTo(nats.url)
  const running: (() => Promise<unknown>)[] = []
  return {
    url: nats.url,
    async addMaster(name, settings = {}, more = {}) {
      const master = await startMaster({
        connection,
        cluster: 'main',
        name,
        settings: readMasterSettings(settings),
        replicas: 1,
        log,
        ...more,
      })
      running.unshift(() => master.stop())
      return master
    },
    async addSlave(name, { cpus = 8, ...more } = {}) {
      const resources = { ...toResources({ cpus, mem: 4096 }), ports: [[31000, 31099]] as [number, number][] }
      const slave = await startSlave({
        connection,
        cluster: 'main',
        name,
        settings: readSlaveSettings(),
        resources,
        attributes: { rack: 'r1' },
        isolation: more.isolation ?? processIsolation({ workDir: join(folder, name) }),
        killOnStop: true,
        log,
        ...more,
      })
      running.unshift(() => slave.stop())
      return slave
    },
    async run(name, tasks, more = {}) {
      const framework = await runTasks(nats.url, name, tasks, more)
      running.unshift(() => framework.scheduler.stop())
      return framework
    },
    restartEmpty: () => nats.restartEmpty(),
    async stop() {
      for (const stop of running) await stop()
      await nats.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function runTasks(
  url: string,
  name: string,
  tasks: readonly TaskRequest[],
  more: Partial<SchedulerOptions>,
): Promise<TestFramework> {
  const queue = [...tasks]
  const told = new Heard<Status>()
  const scheduler = await runScheduler({
    name,
    connection: { server: url },
    wants: () => queue.length > 0,
    onOffers: (offers) => {
      for (const offer of offers)
        for (let next = queue[0]; next && offer.add(next); next = queue[0]) queue.shift()
    },
    onStatus: (status) => told.add(status),
    ...more,
  })
  return {
    scheduler,
    told,
    end: (taskId) => told.first((status) => status.taskId === taskId && isOver(status)),
    state: (taskId, state) => told.first((status) => status.taskId === taskId && status.state === state),
  }
}
