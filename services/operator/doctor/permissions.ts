/**
 * Whether NATS lets each role say and hear what it must. Each subject is tried: published to, with nothing in it, or
 * subscribed to. Where somebody listens he refuses a message without bytes, and counts it; that is all.
 */
import type { ExecutorId, FrameworkId, SlaveId } from '../../../shared/ids.ts'
import { messages, messageTypes, type Role, type Route } from '../../../shared/messages.ts'
import {
  type Address,
  type Speaker,
  subject,
  subscriptions,
  traceSubject,
  traceSubjects,
} from '../../../shared/subjects.ts'
import { microSubjects } from '../../runtime/micro/micro.ts'
import { bucketName } from '../../runtime/overBus.ts'
import type { Bus, LinkNews } from '../../runtime/ports.ts'
import { type CheckedRole, defaultInbox, type Finding, fail, ok, type Patient, warn } from './finding.ts'

interface Attempt {
  readonly operation: 'publish' | 'subscription'
  readonly subject: string
}

/** Where an id is not known beforehand, so that a permission has to allow any. */
const anyone = 'doctor-probe'

const spokenAs: Readonly<Record<CheckedRole, Role>> = {
  master: 'master',
  slave: 'slave',
  framework: 'scheduler',
  operator: 'operator',
  executor: 'executor',
}

export async function checkPermissions(bus: Bus, patient: Patient): Promise<Finding[]> {
  const denied = new Set<string>()
  bus.onLink((news: LinkNews) => {
    if (news.link === 'denied') denied.add(keyOf(news))
  })
  const findings: Finding[] = []
  const refusedOf = async (attempts: readonly Attempt[]) => {
    await tryAll(bus, attempts)
    return attempts.filter((attempt) => denied.has(keyOf(attempt)))
  }
  for (const role of patient.roles) {
    const attempts = attemptsOf(role, patient)
    const refused = await refusedOf(attempts)
    findings.push(...(refused.length === 0 ? [allowed(role, attempts)] : refused.map(refusedAs(role))))
    const [hidden] = await refusedOf(discoveryOf(role))
    if (hidden) findings.push(hiddenAs(role, hidden))
  }
  return findings
}

/** Where masters and slaves are looked for as services of NATS: good to have, and nothing hangs on it. */
const discoveryOf = (role: CheckedRole): Attempt[] =>
  role === 'master' || role === 'slave'
    ? microSubjects(`proffer-${role}`, anyone).map((subject) => ({ operation: 'subscription', subject }))
    : []

/** All that a role says and hears, each once. */
export function attemptsOf(role: CheckedRole, patient: Patient): Attempt[] {
  const published = [...spoken(role, patient), ...replies(role, patient), ...leaseSubjects(role, patient)]
  const heard = [...listened(role, patient), `${patient.inboxPrefix}.${anyone}.*`]
  return [
    ...[...new Set(published)].map((subject) => ({ operation: 'publish' as const, subject })),
    ...[...new Set(heard)].map((subject) => ({ operation: 'subscription' as const, subject })),
  ]
}

function spoken(role: CheckedRole, patient: Patient): string[] {
  const { cluster } = patient
  const speaker = speakerOf(role, patient)
  const said = messageTypes.flatMap((type) =>
    (messages[type].routes as readonly Route[])
      .filter(([from]) => from === speaker.role)
      .map(([, to]) => subject(cluster, type, speaker, addressOf(to, patient))),
  )
  return [...said, ...traced(role, patient)]
}

/** A slave is traced with the executor that it hosts. */
function traced(role: CheckedRole, { cluster, name, user }: Patient): string[] {
  const ids: Readonly<Record<CheckedRole, readonly (readonly [Role, string])[]>> = {
    master: [['master', name]],
    slave: [
      ['slave', name],
      ['executor', `${name}.command`],
    ],
    framework: [['scheduler', user]],
    operator: [],
    executor: [['executor', anyone]],
  }
  return ids[role].map(([spokenAs, id]) => traceSubject(cluster, spokenAs, id))
}

function listened(role: CheckedRole, patient: Patient): string[] {
  const { cluster } = patient
  if (role === 'operator') return [traceSubjects(cluster)]
  const own = addressOf(spokenAs[role], patient)
  return [...subscriptions(cluster, own), ...subscriptions(cluster, { role: 'all' })]
}

/** Masters answer everybody, slaves those who read logs and their executors. Where inboxes have names, nobody knows those of others. */
const replies = (role: CheckedRole, { inboxPrefix }: Patient): string[] =>
  inboxPrefix === defaultInbox && (role === 'master' || role === 'slave') ? [`${inboxPrefix}.${anyone}`] : []

/** The lease's bucket; its own key is left alone. */
const leaseSubjects = (role: CheckedRole, { cluster, jetstreamPrefix }: Patient): string[] =>
  role === 'master'
    ? ['STREAM.INFO', 'STREAM.CREATE', 'STREAM.MSG.GET'].map(
        (call) => `${jetstreamPrefix}.${call}.KV_${bucketName(cluster, 'leader')}`,
      )
    : []

function speakerOf(role: CheckedRole, { name, user }: Patient): Speaker {
  const ids = { master: '', slave: name, framework: user, operator: user, executor: anyone }
  return { role: spokenAs[role], id: ids[role] }
}

function addressOf(role: Role | 'all', { user }: Patient): Address {
  const slaveId = anyone as SlaveId
  switch (role) {
    case 'scheduler':
      return { role, principal: user, frameworkId: anyone as FrameworkId }
    case 'slave':
      return { role, slaveId }
    case 'executor':
      return { role, slaveId, executorId: anyone as ExecutorId }
    case 'all':
      return { role }
    case 'master':
    case 'operator':
      return { role: 'master' }
  }
}

/** The server's refusals come before its answer to the ping behind them. */
async function tryAll(bus: Bus, attempts: readonly Attempt[]): Promise<void> {
  const stops = attempts.map(({ operation, subject }) => {
    if (operation === 'subscription') return bus.subscribe(subject, () => {})
    bus.publish(subject, new Uint8Array())
    return () => {}
  })
  await bus.flush()
  await new Promise((resolve) => setImmediate(resolve))
  for (const stop of stops) stop()
}

const oneOf = (role: CheckedRole): string => `${/^[eo]/.test(role) ? 'an' : 'a'} ${role}`
const keyOf = ({ operation, subject }: Attempt): string => `${operation} ${subject}`

const allowed = (role: CheckedRole, attempts: readonly Attempt[]): Finding =>
  ok('permissions', `${oneOf(role)} may say and hear all that it must (${attempts.length} subjects)`)

const refusedAs =
  (role: CheckedRole) =>
  ({ operation, subject }: Attempt): Finding => {
    const pattern = subject.replaceAll(anyone, '*').replace(/\.\*\.\*$/, '.>')
    if (operation === 'publish' && subject.endsWith(`.${anyone}`)) return refusedReplies(role, pattern)
    const verb = operation === 'publish' ? 'publish to' : 'subscribe to'
    return fail(
      'permissions',
      `${oneOf(role)} may not ${verb} ${pattern}`,
      `${operationInConfig(operation)}: "${pattern}"`,
    )
  }

/** An answer may be allowed without the subject being so. */
const refusedReplies = (role: CheckedRole, pattern: string): Finding =>
  warn(
    'permissions',
    `${oneOf(role)} may not publish to ${pattern}, where answers go`,
    'allow_responses: true for its user is enough; else publish: "_INBOX.>"',
  )

const hiddenAs = (role: CheckedRole, { subject }: Attempt): Finding =>
  warn(
    'permissions',
    `${oneOf(role)} may not subscribe to ${subject}, so \`nats micro ls\` does not find it`,
    `${operationInConfig('subscription')}: "$SRV.>"`,
  )

const operationInConfig = (operation: Attempt['operation']): string =>
  operation === 'publish'
    ? 'allow its user in nats.conf to publish'
    : 'allow its user in nats.conf to subscribe'
