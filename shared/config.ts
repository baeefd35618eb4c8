/**
 * Every setting of every role, once: its default, its unit, its bounds and its reason. A setting is given on the
 * command line (`--offer-seconds 10`), in the environment (`PROFFER_OFFER_SECONDS=10`), or not at all.
 */

export interface NumberSetting {
  readonly fallback: number
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly reason: string
}

const number = (fallback: number, unit: string, min: number, max: number, reason: string): NumberSetting => ({
  fallback,
  unit,
  min,
  max,
  reason,
})

export const masterSettings = {
  offerSeconds: number(
    30,
    's',
    0.05,
    86400,
    'an offer that nobody answered is rescinded after; never would starve the others',
  ),
  offerDelayMs: number(
    1,
    'ms',
    0,
    10000,
    'freed resources wait so long for company, so that a burst becomes one offer',
  ),
  sweepSeconds: number(
    30,
    's',
    1,
    3600,
    'all slaves are looked at again every; a safety net under the events',
  ),
  slaveBeatSeconds: number(1, 's', 0.05, 600, 'a slave speaks every'),
  slaveMissedBeats: number(
    3,
    'beats',
    1,
    1000,
    'a slave that has missed so many is disconnected: its offers are rescinded',
  ),
  slaveTimeoutSeconds: number(5, 's', 0.2, 3600, 'and after is unreachable: its tasks are told so'),
  slaveGoneSeconds: number(
    600,
    's',
    1,
    86400,
    'a slave that stays unreachable for is gone: its tasks are lost',
  ),
  slaveReregisterSeconds: number(
    600,
    's',
    1,
    86400,
    'a slave that a new leader knows from the registry is gone when it has not come back after',
  ),
  removalsPerMinute: number(
    20,
    'slaves/min',
    1,
    1e6,
    'slaves are given up no faster: whatever makes many vanish may be ours to mend',
  ),
  massLossSlaves: number(
    10,
    'slaves',
    1,
    1e6,
    'when so many are away at once, and they are more than massLossPart, none is given up',
  ),
  massLossPart: number(0.5, 'of all slaves', 0.01, 1, 'see massLossSlaves'),
  rememberedGone: number(
    1000,
    'ids',
    1,
    1e6,
    'slaves that are gone and frameworks that are done are known as such, the newest so many',
  ),
  frameworkBeatSeconds: number(2, 's', 0.05, 600, 'a scheduler speaks every'),
  frameworkTimeoutSeconds: number(
    10,
    's',
    0.2,
    3600,
    'a scheduler that was not heard for is away: its offers are rescinded',
  ),
  adoptedFailoverSeconds: number(
    600,
    's',
    1,
    31_536_000,
    'a framework that a new leader knows only from its tasks may stay away for',
  ),
  minOfferCpuMilli: number(10, 'CPU/1000', 0, 1e6, 'what is free is offered from so much CPU on ...'),
  minOfferMemMb: number(32, 'MiB', 0, 1e9, '... or from so much memory on: crumbs help nobody'),
  executorGraceSeconds: number(
    5,
    's',
    0,
    3600,
    'between SIGTERM and SIGKILL for an executor that its framework shuts down',
  ),
  settleSeconds: number(
    15,
    's',
    0.2,
    3600,
    'after taking office, so long for slaves to come back before a missing task is called lost',
  ),
  maxFrameworks: number(10_000, 'frameworks', 1, 1e6, 'more are refused: each costs memory for ever'),
  maxFrameworkTasks: number(100_000, 'tasks', 1, 1e7, 'tasks of one framework that are not over'),
  keepOverTasks: number(
    1000,
    'tasks',
    0,
    1e6,
    'tasks that are over are kept for `proffer ps --all`, the newest so many',
  ),
  maxRefuseSeconds: number(
    31_536_000,
    's',
    1,
    31_536_000,
    'the longest refusal that a framework may ask for',
  ),
  leaseTtlSeconds: number(
    15,
    's',
    2,
    300,
    'a lease that is not renewed lapses after; a JetStream cluster may refuse writes for 9 s',
  ),
  leaseMarginSeconds: number(
    2,
    's',
    0.1,
    60,
    'a leader stops so long before its lease can have lapsed; covers a stalled event loop',
  ),
  standbyPollSeconds: number(1, 's', 0.05, 60, 'a standby looks at the lease every'),
  leaderPingSeconds: number(0.2, 's', 0.02, 60, 'a standby asks whether the leader is there every'),
  leaderPings: number(
    3,
    'pings',
    1,
    100,
    'a leader whom the bus does not find so often in a row, a quarter of the time apart, is gone',
  ),
} as const satisfies Record<string, NumberSetting>

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
export type MasterSettings = Settings<typeof masterSettings> & {
  /** Weight of a role in the shares; 1 where it is not named. */
  readonly weights: Readonly<Record<string, number>>
  /** The allocation policy, by name. */
  readonly policy: string
}
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
  more: { policy?: string; weights?: Record<string, number> } = {},
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
  const weights = more.weights ?? {}
  for (const [role, weight] of Object.entries(weights)) {
    if (!(weight >= 0.001 && weight <= 1000))
      throw new SettingError(`the weight of role ${role} is ${weight}; it must lie between 0.001 and 1000`)
  }
  return { ...read, weights, policy: more.policy ?? 'drf' }
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
