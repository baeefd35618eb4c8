/**
 * Revocation as decisions: who is owed something gets it from those above theirs, who choose first; nobody is brought
 * below what is guaranteed to him, nothing is killed that would not help, and never more than is needed.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Body } from '../shared/messages.ts'
import { amount, Leader } from './leader/leader.ts'

const settings = { revokeAfterSeconds: 5, revokeGraceSeconds: 3, offerSeconds: 86_400 }
let leader: Leader

beforeEach(() => {
  leader = new Leader(settings)
})

/** Takes all that it is offered, as tasks of one CPU each, one a second. */
function fill(name: string): void {
  for (;;) {
    leader.pass(1)
    const offer = leader.standing.find((each) => each.name === name)
    if (!offer) return
    leader.launch(offer, amount(1, 100))
  }
}
const share = (...roles: Body<'sharing.set'>['roles']) =>
  leader.demand('sharing.set', 'operator', 'op', { roles })
const guarantee = (cpus: number) => ({ cpuMilli: cpus * 1000 })

/** Tasks that are asked back, by framework and slave; and those that are ordered to be killed for that reason. */
const notices = () =>
  leader.said.flatMap(({ type, body, to }) => {
    if (type !== 'revocation.notice') return []
    const { slaveName, taskIds, withinSeconds } = body as Body<'revocation.notice'>
    const { principal } = to as { principal: string }
    return [`${principal} ${slaveName} ${withinSeconds} s: ${taskIds.join(' ')}`]
  })
const revoked = () =>
  leader.said.flatMap(({ type, body }) =>
    type === 'task.stop'
      ? (body as Body<'task.stop'>).tasks.flatMap(({ taskId, reason }) =>
          reason === 'revoked' ? [taskId as string] : [],
        )
      : [],
  )
const rescinded = () =>
  leader.said.flatMap(({ type, body, to }) =>
    type === 'offer.rescind'
      ? [`${(to as { principal: string }).principal} ${(body as Body<'offer.rescind'>).reason}`]
      : [],
  )
const offered = () => leader.standing.map(({ name, slave }) => `${name} ${slave}`)

/** A hog fills so many slaves of four CPUs each before anybody else is there. */
function hogged(slaves: number, cpus = 4): void {
  for (let i = 0; i < slaves; i++) leader.addSlave(`S${i}`, amount(cpus, 100 * cpus))
  leader.addFramework('hog')
  fill('hog')
}

describe('for a guarantee', () => {
  test('who is owed waits, then the hog hears what is wanted back, then its youngest tasks are killed', () => {
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng')
    leader.pass(4)
    expect(notices()).toEqual([])
    leader.pass(3)
    expect(notices()).toEqual(['hog S0 3 s: t4 t3'])
    expect(revoked()).toEqual([])
    leader.pass(3)
    expect(revoked()).toEqual(['t4', 't3'])
    leader.endStopped()
    leader.pass(1)
    expect(offered()).toEqual(['eng S0'])
  })

  test('the hog may give back others, and then nothing is killed', () => {
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng')
    leader.pass(7)
    leader.end('hog', 't1')
    leader.end('hog', 't2')
    leader.pass(1)
    expect(offered()).toEqual(['eng S0'])
    leader.pass(60)
    expect(revoked()).toEqual([])
  })

  test('of what is given back in part, only the rest is killed', () => {
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng', [{ role: 'eng', suppressed: false, filters: { atLeast: amount(2) } }])
    leader.pass(7)
    leader.end('hog', 't1')
    leader.pass(4)
    expect(revoked()).toEqual(['t4'])
  })

  test('nobody who holds no more than his own guarantee loses anything', () => {
    leader.addSlave('S0', amount(4, 400))
    share({ role: 'hog', guarantee: guarantee(4) })
    leader.addFramework('hog')
    fill('hog')
    share({ role: 'hog', guarantee: guarantee(4) })
    leader.demand('sharing.set', 'operator', 'op', {
      roles: [{ role: 'eng', guarantee: guarantee(2) }],
      force: true,
    })
    leader.addFramework('eng')
    leader.pass(60)
    expect(notices()).toEqual([])
    expect(revoked()).toEqual([])
  })

  test('on several slaves at once nobody is brought below his guarantee', () => {
    hogged(4, 2)
    leader.addSlave('S9', amount(1, 10))
    share({ role: 'hog', guarantee: guarantee(5) }, { role: 'eng', guarantee: guarantee(4) })
    leader.addFramework('eng', [
      { role: 'eng', suppressed: false, filters: { slaves: ['S0', 'S1', 'S2', 'S3'] } },
    ])
    leader.pass(60)
    expect(revoked()).toHaveLength(3)
  })

  test('a task that ends meanwhile counts: no more is killed than leaves the guarantee whole', () => {
    leader.addSlave('S0', amount(2, 200))
    leader.addSlave('S1', amount(3, 300))
    leader.addFramework('hog')
    fill('hog')
    share({ role: 'hog', guarantee: guarantee(3) }, { role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng', [{ role: 'eng', suppressed: false, filters: { slaves: ['S0'] } }])
    leader.pass(7)
    expect(notices()).toHaveLength(1)
    for (const taskId of [...leader.frameworkNamed('hog').tasks.values()].filter(
      ({ slave }) => slave.name === 'S1',
    ))
      leader.end('hog', taskId.taskId)
    leader.pass(4)
    expect(revoked()).toEqual([])
  })

  test('for two frameworks of the role that is owed it, it is asked for once', () => {
    hogged(2)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('F1', ['eng/ads'])
    leader.addFramework('F2', ['eng/web'])
    leader.pass(60)
    expect(revoked()).toHaveLength(2)
  })

  test('what is being killed already counts, wherever it is', () => {
    hogged(3)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng')
    leader.pass(60)
    expect(revoked()).toHaveLength(2)
  })

  test('nothing is asked of a slave that whoever waits would not take, or that would be too small even empty', () => {
    leader.addSlave('S0', amount(4, 400), { attributes: { zone: 'a' } })
    leader.addSlave('S1', amount(1, 100), { attributes: { zone: 'b' } })
    leader.addFramework('hog')
    fill('hog')
    share({ role: 'eng', guarantee: guarantee(2) })
    const filters = { attributes: { zone: 'b' }, atLeast: amount(2) }
    leader.addFramework('eng', [{ role: 'eng', suppressed: false, filters }])
    leader.pass(60)
    expect(notices()).toEqual([])
  })

  test('nothing is killed for whoever is at his limit', () => {
    hogged(1)
    share({ role: 'eng', guarantee: { cpuMilli: 1000, memMb: 200 }, limit: { cpuMilli: 1000, memMb: 200 } })
    share({ role: 'eng/ads', limit: { cpuMilli: 0 } })
    leader.addFramework('eng', ['eng/ads'])
    leader.pass(60)
    expect(notices()).toEqual([])
  })

  test('one large task goes rather than the small ones that it makes needless', () => {
    leader.addSlave('S0', amount(4, 400))
    leader.addFramework('hog')
    leader.pass(1)
    const [first] = leader.standing
    if (first) leader.launch(first, amount(3, 300))
    fill('hog')
    share({ role: 'eng', guarantee: guarantee(3) })
    leader.addFramework('eng', [{ role: 'eng', suppressed: false, filters: { atLeast: amount(3) } }])
    leader.pass(12)
    expect(revoked()).toEqual(['t1'])
  })

  test('who has refused what is free does not wait for want of anything', () => {
    hogged(1)
    leader.addSlave('S1', amount(1, 100))
    leader.pass(1)
    share({ role: 'eng', guarantee: guarantee(2) })
    for (const offer of leader.standing) leader.decline(offer, 1000)
    leader.addFramework('eng')
    leader.pass(1)
    for (const offer of leader.standing) leader.decline(offer, 1000)
    leader.pass(60)
    expect(notices()).toEqual([])
  })

  test('the need is gone before the time is over: nothing is killed', () => {
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng')
    leader.pass(7)
    expect(notices()).toHaveLength(1)
    share({ role: 'eng', guarantee: {} })
    leader.pass(60)
    expect(revoked()).toEqual([])
  })

  test('a need that is less by then costs no more than that', () => {
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng')
    leader.pass(7)
    share({ role: 'eng', guarantee: guarantee(1) })
    leader.pass(60)
    expect(revoked()).toEqual(['t4'])
  })

  test('a need that comes again is waited for anew', () => {
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng')
    leader.pass(4)
    share({ role: 'eng', guarantee: {} })
    leader.pass(10)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.pass(4)
    expect(notices()).toEqual([])
  })

  test('what the hog is merely offered is rescinded first, and no task is asked of it', () => {
    leader.addSlave('S0', amount(4, 400))
    leader.addFramework('hog')
    leader.pass(1)
    const [first] = leader.standing
    if (first) leader.launch(first, amount(2, 200))
    leader.pass(1)
    expect(offered()).toEqual(['hog S0'])
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng')
    leader.pass(7)
    expect(rescinded()).toEqual(['hog revoked'])
    expect(offered()).toEqual(['eng S0'])
    leader.pass(60)
    expect(notices()).toEqual([])
  })

  test('an offer that is not enough alone saves a task: only the rest is asked for', () => {
    leader.addSlave('S0', amount(4, 400))
    leader.addFramework('hog')
    leader.pass(1)
    for (let i = 0; i < 3; i++) {
      const [offer] = leader.standing
      if (offer) leader.launch(offer, amount(1, 100))
      leader.pass(1)
    }
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng', [{ role: 'eng', suppressed: false, filters: { atLeast: amount(2) } }])
    leader.pass(7)
    expect(rescinded()).toEqual(['hog revoked'])
    expect(notices()).toEqual(['hog S0 3 s: t3'])
    leader.pass(4)
    leader.endStopped()
    leader.pass(1)
    expect(offered()).toEqual(['eng S0'])
  })

  test('no offer is rescinded that would not help, or without which its holder lacks his guarantee', () => {
    leader.addSlave('S0', amount(1, 100))
    leader.addSlave('S1', amount(2, 200))
    share({ role: 'hog', guarantee: guarantee(2) }, { role: 'eng', guarantee: guarantee(1) })
    leader.addFramework('hog', [{ role: 'hog', suppressed: false, filters: { slaves: ['S1'] } }])
    leader.addFramework('idle', [{ role: 'idle', suppressed: false, filters: { slaves: ['S0'] } }])
    leader.pass(1)
    leader.addFramework('eng', [{ role: 'eng', suppressed: false, filters: { slaves: ['S1'] } }])
    leader.pass(60)
    expect(rescinded()).toEqual([])
  })

  test('what was killed for one who is owed it, no other one gets who is owed something, too', () => {
    leader.addSlave('S0', amount(2, 200), { attributes: { zone: 'a' } })
    leader.addSlave('S1', amount(2, 200), { attributes: { zone: 'b' } })
    leader.addFramework('hog')
    fill('hog')
    share({ role: 'far', guarantee: guarantee(2) }, { role: 'any', guarantee: guarantee(2) })
    const here = { slaves: ['S0'], atLeast: amount(2) }
    leader.addFramework('far', [{ role: 'far', suppressed: false, filters: here }])
    leader.pass(7)
    leader.addFramework('any')
    for (let i = 0; i < 60; i++) {
      leader.pass(1)
      leader.endStopped()
      for (const offer of leader.standing) leader.launch(offer, offer.resources)
    }
    expect(revoked()).toHaveLength(4)
    expect([...leader.frameworkNamed('far').tasks.values()].map(({ slave }) => slave.name)).toEqual(['S0'])
  })

  test('it is kept for him no longer than keepRevokedSeconds', () => {
    leader = new Leader({ ...settings, keepRevokedSeconds: 20 })
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng', [{ role: 'eng', suppressed: false, filters: { atLeast: amount(2) } }])
    leader.pass(7)
    leader.end('hog', 't1')
    share({ role: 'eng/ads', guarantee: guarantee(1) })
    leader.addFramework('ads', ['eng/ads'])
    leader.pass(1)
    expect(offered()).toEqual(['ads S0'])
  })

  test('within a role, what is guaranteed to one below it comes from the other ones there', () => {
    leader.addSlave('S0', amount(4, 400))
    leader.addFramework('web', ['eng/web'])
    fill('web')
    share({ role: 'eng', guarantee: guarantee(4) }, { role: 'eng/ads', guarantee: guarantee(1) })
    leader.addFramework('ads', ['eng/ads'])
    leader.pass(60)
    expect(revoked()).toEqual(['t4'])
  })
})

test('memory without CPU is no choice: who is owed CPUs and declines it waits on', () => {
  leader.addSlave('S0', amount(4, 4096))
  leader.addFramework('hog')
  leader.pass(1)
  for (let i = 0; i < 4; i++) {
    const [offer] = leader.standing
    if (offer) leader.launch(offer, amount(1, 64))
    leader.pass(1)
  }
  for (const offer of leader.standing) leader.decline(offer, 1000)
  share({ role: 'owed', guarantee: guarantee(2) })
  leader.addFramework('owed')
  for (let i = 0; i < 12; i++) {
    leader.pass(1)
    for (const offer of leader.standing) leader.decline(offer, 3)
  }
  expect(revoked()).toHaveLength(2)
})

describe('revocable tasks', () => {
  /** Two tasks on what is nobody's, then two revocable ones on what is held back for eng. */
  function idleTaken(): void {
    leader.addSlave('S0', amount(4, 400))
    share({ role: 'eng', guarantee: { ...guarantee(2), memMb: 200 } })
    leader.addFramework('hog', ['hog'], { takes: ['revocable'] })
    fill('hog')
  }

  test('run on what is held back for others, and are the first to go', () => {
    idleTaken()
    const kinds = [...leader.frameworkNamed('hog').tasks.values()].map(({ spec }) => spec.revocable ?? false)
    expect(kinds.filter(Boolean)).toHaveLength(2)
    leader.addFramework('eng')
    leader.pass(12)
    const { tasks } = leader.frameworkNamed('hog')
    expect(revoked().map((taskId) => tasks.get(taskId as never)?.spec.revocable)).toEqual([true, true])
  })

  test('are not killed for the one who runs them', () => {
    idleTaken()
    leader.pass(60)
    expect(notices()).toEqual([])
  })
})

describe('by policy', () => {
  test.each([
    ['guarantee', 0],
    ['share', 2],
    ['nobody', 0],
  ] as const)('for a fair share: revokeFor %s', (revokeFor, killed) => {
    leader = new Leader({ ...settings, minOfferCpuMilli: 1000 }, { revokeFor })
    hogged(1)
    leader.addFramework('late')
    for (let i = 0; i < 60; i++) {
      leader.pass(1)
      leader.endStopped()
      fill('late')
    }
    expect(revoked()).toHaveLength(killed)
  })

  test('for nobody, not for a guarantee either', () => {
    leader = new Leader(settings, { revokeFor: 'nobody' })
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(2) })
    leader.addFramework('eng')
    leader.pass(60)
    expect(notices()).toEqual([])
  })

  test('no faster than so many a minute', () => {
    leader = new Leader({ ...settings, revocationsPerMinute: 1 })
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(3) })
    leader.addFramework('eng')
    leader.pass(50)
    expect(revoked()).toHaveLength(1)
    leader.pass(30)
    expect(revoked()).toHaveLength(2)
  })

  test('never, when that is none', () => {
    leader = new Leader({ ...settings, revocationsPerMinute: 0 })
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(3) })
    leader.addFramework('eng')
    leader.pass(60)
    expect(notices()).toEqual([])
  })

  test('at once, when nobody is given time', () => {
    leader = new Leader({ ...settings, revokeGraceSeconds: 0 })
    hogged(1)
    share({ role: 'eng', guarantee: guarantee(3) })
    leader.addFramework('eng')
    leader.pass(7)
    expect(revoked()).toEqual(['t4', 't3', 't2'])
  })
})
