/**
 * Every setting of every role, once: its default, its unit, its bounds and its reason. A setting is given on the
 * command line (`--offer-seconds 10`), in the environment (`PROFFER_OFFER_SECONDS=10`), or not at all.
 */

import { masterSettings } from './masterSettings.ts'
import { weightBounds } from './roles.ts'
import { type NumberSetting, number } from './setting.ts'

export const slaveSettings = {
  registerRetrySeconds: number(0.5, 's', 0.05, 60, 'a slave that nobody answered asks again after'),
  refusedRetrySeconds: number(2, 's', 0.05, 600, 'a slave that the leader did not admit asks again after'),
  registerTimeoutSeconds: number(5, 's', 0.1, 60, 'an answer to a registration may take'),
  updateRetrySeconds: number(2, 's', 0.1, 600, 'an unacknowledged update is said again after, first time'),
  updateRetryMaxSeconds: number(
    60,
    's',
    0.1,
    3600,
    'and at the most after: each time twice as long as before',
  ),
  maxUpdatesPerTask: number(
    100,
    'updates',
    10,
    10_000,
    'words on a task that its framework did not acknowledge; beyond it only changes of state are kept',
  ),
  maxUpdatesPerMessage: number(500, 'updates', 1, 10_000, 'a message stays well below what the bus carries'),
  maxTasks: number(20_000, 'tasks', 1, 1e6, 'a slave holds at the most so many tasks that are not forgotten'),
  killGraceSeconds: number(5, 's', 0, 3600, 'between SIGTERM and SIGKILL, where nobody says otherwise'),
  stopSeconds: number(
    5,
    's',
    0,
    600,
    'a slave that stops all that it runs waits for acknowledgements, beyond the grace, for',
  ),
  checkpointCompactRecords: number(
    20_000,
    'records',
    100,
    1e8,
    'the checkpoint is written anew when so many were appended, beyond twice what it must hold',
  ),
  diskRetrySeconds: number(1, 's', 0.05, 600, 'a disk that could not be written to is tried again after'),
  executorRegisterSeconds: number(30, 's', 0.5, 3600, 'an executor that does not register in time is killed'),
  sandboxKeepSeconds: number(900, 's', 0, 31_536_000, 'what an ended task wrote is kept for'),
  sandboxKeepCount: number(1000, 'sandboxes', 1, 1e6, 'and at the most so many, the newest'),
} as const satisfies Record<string, NumberSetting>

export const schedulerSettings = {
  leaseTtlSeconds: number(
    15,
    's',
    2,
    300,
    'where several stand by for one another: the lease of the one that leads lapses after',
  ),
  leaseMarginSeconds: number(2, 's', 0.1, 60, 'and it stops so long before that'),
  standbyPollSeconds: number(1, 's', 0.05, 60, 'a standby looks at the lease every'),
  leaderPingSeconds: number(0.2, 's', 0.02, 60, 'and asks whether the one that leads is there every'),
  leaderPings: number(3, 'pings', 1, 100, 'not found by the bus so often in a row, it is gone'),
  askTimeoutSeconds: number(5, 's', 0.1, 600, 'an answer of the leader may take'),
  askRetrySeconds: number(0.5, 's', 0.05, 60, 'what nobody answered is asked again after'),
  idleRefuseSeconds: number(
    120,
    's',
    0,
    31_536_000,
    'offers that are not wanted are refused for; short refusals starve the others',
  ),
  rememberedOver: number(
    10_000,
    'tasks',
    100,
    1e6,
    'tasks that are over are known again, should an update of theirs be repeated; the newest so many',
  ),
  callbackSeconds: number(
    5,
    's',
    0,
    3600,
    'a scheduler that stops waits for what its author is busy with, for at the most',
  ),
  teardownSeconds: number(
    20,
    's',
    0,
    3600,
    'a teardown that no leader answers is given up after; its failover time ends it then',
  ),
  maxAcceptsInFlight: number(
    2000,
    'accepts',
    1,
    1e6,
    'accepts that the leader has not answered; the tasks of more are dropped, and told so',
  ),
} as const satisfies Record<string, NumberSetting>

export const executorSettings = {
  beatSeconds: number(2, 's', 0.05, 600, 'an executor asks whether its slave is there every'),
  executorRecoverySeconds: number(
    900,
    's',
    1,
    86400,
    'an executor whose slave does not come back for ends, and its tasks with it',
  ),
  registerRetrySeconds: number(0.5, 's', 0.05, 60, 'an executor whose slave did not answer asks again after'),
  updateRetrySeconds: number(
    2,
    's',
    0.1,
    600,
    'an update that its slave did not acknowledge is said again after',
  ),
  maxUpdatesPerTask: number(
    100,
    'updates',
    10,
    10_000,
    'words on a task that its slave did not acknowledge; beyond it only changes of state are kept',
  ),
  rememberedOver: number(
    10_000,
    'tasks',
    100,
    1e6,
    'tasks that are over are known again, should their launch come twice; the newest so many',
  ),
} as const satisfies Record<string, NumberSetting>

export type SettingTable = Record<string, NumberSetting>
export type Settings<Table extends SettingTable> = { readonly [Name in keyof Table]: number }
export type MasterSettings = Settings<typeof masterSettings> & MasterSharing
/** How a master shares out what is free. */
export interface MasterSharing {
  /** Weight of a role in the shares; 1 where it is not named. */
  readonly weights: Readonly<Record<string, number>>
  /** The allocation policy, by name. */
  readonly policy: string
  /** Whether what is free of a slave is offered whole, or split between all who would have it. */
  readonly spread: (typeof spreads)[number]
  /** For whom tasks of others are revoked: roles below their guarantee, all below their fair share, or nobody. */
  readonly revokeFor: (typeof revokeFors)[number]
}
export const spreads = ['whole', 'split'] as const
export const revokeFors = ['guarantee', 'share', 'nobody'] as const

export type SlaveSettings = Settings<typeof slaveSettings>
export type SchedulerSettings = Settings<typeof schedulerSettings>
/** What a lease goes by, whoever holds it. */
export type LeaseSettings = Pick<
  SchedulerSettings,
  'leaseTtlSeconds' | 'leaseMarginSeconds' | 'standbyPollSeconds' | 'leaderPingSeconds' | 'leaderPings'
>
export type ExecutorSettings = Settings<typeof executorSettings>

/** A setting that cannot be; the message says which one, why, and what may stand there. */
export class SettingError extends Error {}

type Loose = Readonly<Record<string, string | number | undefined>>

/** The settings of one table: what is given, else the default. Throws SettingError. */
export function readSettings<Table extends SettingTable>(
  table: Table,
  given: Loose = {},
  env: Loose = {},
): Settings<Table> {
  const read = Object.entries(table).map(([name, setting]) => {
    const value = given[name] ?? env[envName(name)]
    return [name, value === undefined ? setting.fallback : readNumber(name, setting, value)]
  })
  return Object.fromEntries(read) as Settings<Table>
}

/** The master's settings; those that contradict one another are refused. Throws SettingError. */
export function readMasterSettings(
  given: Loose & { weights?: never } = {},
  more: Partial<MasterSharing> = {},
  env: Loose = {},
): MasterSettings {
  const read = readSettings(masterSettings, given, env)
  refuseUnsoundLease(read)
  refuseContradiction(
    read.slaveTimeoutSeconds <= read.slaveMissedBeats * read.slaveBeatSeconds,
    `slaveTimeoutSeconds (${read.slaveTimeoutSeconds}) must be more than slaveMissedBeats (${read.slaveMissedBeats}) times slaveBeatSeconds (${read.slaveBeatSeconds})`,
  )
  refuseContradiction(
    read.frameworkTimeoutSeconds <= 2 * read.frameworkBeatSeconds,
    `frameworkTimeoutSeconds (${read.frameworkTimeoutSeconds}) must be more than twice frameworkBeatSeconds (${read.frameworkBeatSeconds})`,
  )
  refuseContradiction(
    read.offerDelayMs >= read.offerSeconds * 1000,
    `offerDelayMs (${read.offerDelayMs}) must be shorter than offerSeconds (${read.offerSeconds})`,
  )
  refuseContradiction(
    read.declineBackoffMaxSeconds < read.declineBackoffSeconds,
    `declineBackoffMaxSeconds (${read.declineBackoffMaxSeconds}) must not be less than declineBackoffSeconds (${read.declineBackoffSeconds})`,
  )
  const weights = more.weights ?? {}
  const { min, max } = weightBounds
  for (const [role, weight] of Object.entries(weights)) {
    if (!(weight >= min && weight <= max))
      throw new SettingError(`the weight of role ${role} is ${weight}; it must lie between ${min} and ${max}`)
  }
  const { policy = 'drf', spread = 'whole', revokeFor = 'guarantee' } = more
  return { ...read, weights, policy, spread, revokeFor }
}

/** The slave's settings; those that contradict one another are refused. Throws SettingError. */
export function readSlaveSettings(given: Loose = {}, env: Loose = {}): SlaveSettings {
  const read = readSettings(slaveSettings, given, env)
  refuseContradiction(
    read.updateRetryMaxSeconds < read.updateRetrySeconds,
    `updateRetryMaxSeconds (${read.updateRetryMaxSeconds}) must not be less than updateRetrySeconds (${read.updateRetrySeconds})`,
  )
  return read
}

/** The scheduler's settings; those that contradict one another are refused. Throws SettingError. */
export function readSchedulerSettings(given: Loose = {}, env: Loose = {}): SchedulerSettings {
  const read = readSettings(schedulerSettings, given, env)
  refuseUnsoundLease(read)
  return read
}

function refuseUnsoundLease({ leaseMarginSeconds, leaseTtlSeconds }: LeaseSettings): void {
  refuseContradiction(
    leaseMarginSeconds >= leaseTtlSeconds / 2,
    `leaseMarginSeconds (${leaseMarginSeconds}) must be less than half of leaseTtlSeconds (${leaseTtlSeconds})`,
  )
}

/** `offerSeconds` is `PROFFER_OFFER_SECONDS` in the environment. */
export const envName = (name: string): string =>
  `PROFFER_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
/** `offerSeconds` is `--offer-seconds` on the command line. */
export const flagName = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

function readNumber(name: string, setting: NumberSetting, value: string | number): number {
  const read = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value)
  if (read >= setting.min && read <= setting.max) return read
  throw new SettingError(
    `${name} is "${value}"; it must be a number of ${setting.unit} from ${setting.min} to ${setting.max} (${setting.reason} ...)`,
  )
}

function refuseContradiction(contradicts: boolean, sentence: string): void {
  if (contradicts) throw new SettingError(sentence)
}
