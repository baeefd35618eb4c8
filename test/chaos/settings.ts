/** Short times, so that in a minute everything has lapsed, timed out and come back many times. */
import { envName } from '../../shared/config.ts'

const lease = {
  leaseTtlSeconds: 4,
  leaseMarginSeconds: 1,
  standbyPollSeconds: 0.2,
}

export const schedulerSettings: Readonly<Record<string, number>> = {
  ...lease,
  askTimeoutSeconds: 1,
  askRetrySeconds: 0.2,
  idleRefuseSeconds: 2,
}

const daemonSettings: Readonly<Record<string, number>> = {
  ...lease,
  offerSeconds: 5,
  slaveBeatSeconds: 0.5,
  slaveTimeoutSeconds: 3,
  slaveGoneSeconds: 8,
  slaveReregisterSeconds: 10,
  removalsPerMinute: 1000,
  frameworkBeatSeconds: 0.5,
  frameworkTimeoutSeconds: 3,
  settleSeconds: 5,
  registerRetrySeconds: 0.2,
  refusedRetrySeconds: 0.5,
  registerTimeoutSeconds: 1,
  updateRetrySeconds: 0.5,
  updateRetryMaxSeconds: 4,
  executorRegisterSeconds: 20,
}

/** The same for every daemon: each takes what it knows. */
export const settingsEnv = (): Record<string, string> =>
  Object.fromEntries(Object.entries(daemonSettings).map(([name, value]) => [envName(name), String(value)]))
