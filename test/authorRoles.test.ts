/** What an author sees of roles, kinds of offers, refusals and revocation, with a leader who decides. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Framework } from '../services/scheduler/framework.ts'
import type { Offer } from '../services/scheduler/offer.ts'
import { type FrameworkTraits, SimulatedCluster } from '../services/simulator/index.ts'
import { operatorAsk } from './sim/operator.ts'

let cluster: SimulatedCluster
let told: string[]
beforeEach(() => {
  told = []
})

const roles = ['eng/ads', 'eng/web']
function clusterOf(slaves: readonly string[], master: Readonly<Record<string, number>> = {}): void {
  cluster = new SimulatedCluster({ master })
  cluster.addMaster('M0')
  for (const name of slaves)
    cluster.addSlave(name, {
      resources: { cpus: 4, mem: 1000 },
      attributes: { rack: name === 'S0' ? 'r1' : 'r2' },
    })
}
/** Its offers, as they come, are told, and answered by `answer`; what is left is held. */
function start(
  name: string,
  answer: (offer: Offer) => void,
  more: Partial<Framework> = {},
  traits?: FrameworkTraits,
) {
  const { author } = cluster.addFramework(
    name,
    {
      onOffers: (offers) => {
        for (const offer of offers) {
          told.push(`${name} ${offer.role} ${offer.slaveName}`)
          answer(offer)
        }
      },
      onError: ({ code, message }) => told.push(`${code}: ${message}`),
      ...more,
    },
    traits,
  )
  return author
}
const hold = (offer: Offer) => offer.hold()
const take = (offer: Offer) => {
  for (let i = 0; offer.add({ id: `${offer.id}.${i}`, cpus: 1, mem: 250, command: ['forever'] }); i++);
}
/** What was told since this was last asked. */
const news = () => told.splice(0)
const sharing = (body: object) => operatorAsk(cluster, 'sharing.set', { roles: [], ...body })

describe('a framework in two roles', () => {
  let work: Set<string>
  const wants = (role: string) => work.has(role)
  beforeEach(() => {
    work = new Set(roles)
    clusterOf(['S0', 'S1'])
  })

  test('is offered in each in which it wants something', () => {
    const author = start('F0', hold, { wants }, { roles })
    cluster.pass(1)
    expect(
      news()
        .map((each) => each.split(' ')[1])
        .sort(),
    ).toEqual(roles)
    work.delete('eng/web')
    author.review()
    cluster.pass(1)
    // What it held there is taken back, and comes in the other.
    expect(news()).toEqual([expect.stringMatching(/^F0 eng\/ads/)])
    work.clear()
    author.review()
    cluster.pass(200)
    expect(news()).toEqual([])
  })

  test.each(['offers.suppress', 'offers.revive', 'refusals.clear'])('though %s is lost', (type) => {
    const refuseAll = (offer: Offer) => offer.decline('no', 100_000)
    const author = start('F0', refuseAll, { wants }, { roles })
    cluster.pass(1)
    expect(news().length).toBe(4)
    cluster.lose(type, 2)
    work.delete('eng/web')
    author.review()
    cluster.pass(20)
    work.add('eng/web')
    author.review()
    cluster.pass(20)
    expect(news().sort()).toEqual(['F0 eng/web S0', 'F0 eng/web S1'])
  })

  test('has filters of its own in each', () => {
    const r1 = { attributes: { rack: { pattern: '?1' } } }
    const author = start('F0', hold, { wants }, { roles: [{ role: 'eng/ads', filters: r1 }, 'eng/web'] })
    cluster.pass(0.1)
    work.delete('eng/web')
    author.review()
    cluster.pass(1)
    expect(news().filter((each) => each.includes('eng/ads'))).toEqual(['F0 eng/ads S0'])
    cluster.lose('filters.set', 2)
    author.filter({ attributes: { rack: { oneOf: ['r2'] } } }, ['eng/ads'])
    cluster.pass(20)
    expect(news()).toEqual(['F0 eng/ads S1'])
  })
})

describe('refusals', () => {
  test('outlast a revival, and are forgotten when the author says so', () => {
    clusterOf(['S0'])
    const author = start('F0', (offer) => offer.decline('no', 1000))
    cluster.pass(60)
    expect(news()).toEqual(['F0 F0 S0'])
    author.clearRefusals()
    cluster.pass(1)
    expect(news()).toEqual(['F0 F0 S0'])
  })

  test('of an earlier process are forgotten by the next', () => {
    clusterOf(['S0'])
    start('F0', (offer) => offer.decline('no', 1000))
    cluster.pass(1)
    cluster.restart('F0')
    cluster.pass(5)
    expect(news()).toEqual(['F0 F0 S0', 'F0 F0 S0'])
  })

  test('without end are stretched, and the author is told', () => {
    clusterOf(['S0'], { declineRounds: 3, declineBackoffSeconds: 2 })
    let greedy = false
    start('F0', (offer) => (greedy ? take(offer) : offer.decline('no', 0)), {
      onBackedOff: (seconds) => void told.push(`backed off ${seconds}`),
    })
    cluster.pass(1)
    expect(news()).toEqual(['F0 F0 S0', 'F0 F0 S0', 'F0 F0 S0', 'backed off 2'])
    cluster.pass(50)
    // 2, 4, 8, 16, 32 s: once each, and told no more.
    expect(news()).toEqual(Array(4).fill('F0 F0 S0'))
    greedy = true
    cluster.pass(60)
    expect(news()).toEqual(['F0 F0 S0'])
  })
})

test('short offers come to those who take them, and to no others', () => {
  clusterOf(['S0'], { shortTaskPart: 0.5, shortTaskSeconds: 5 })
  const added: [number | undefined, boolean, boolean][] = []
  const answer = (offer: Offer) => {
    const task = { cpus: 2, mem: 500, command: ['forever'] }
    const long = offer.add({ ...task, id: `long ${offer.id}`, maxSeconds: 60 })
    added.push([offer.maxSeconds, long, !long && offer.add({ ...task, id: `any ${offer.id}` })])
  }
  start('F0', hold)
  cluster.pass(1)
  start('F1', answer, {}, { takes: ['short'] })
  cluster.pass(1)
  expect(added).toEqual([[5, false, true]])
})

test('whoever is owed its guarantee gets it: the author above his is told, and chooses', () => {
  clusterOf(['S0'], { revokeAfterSeconds: 2, revokeGraceSeconds: 5 })
  const ends: string[] = []
  const hog = start('hog', take, {
    onStatus: ({ taskId, state, reason }) => void (state === 'killed' && ends.push(`${taskId} ${reason}`)),
    onRevocation: ({ slaveName, role, resources, withinSeconds, taskIds, reason }) => {
      told.push(`give back ${resources.cpuMilli} of ${slaveName}, ${role}, in ${withinSeconds}: ${reason}`)
      // Not the ones that were named.
      const own = ['1-O1.0', '1-O1.1', '1-O1.2', '1-O1.3'].filter((id) => !taskIds.includes(id as never))
      for (const id of own.slice(0, taskIds.length)) hog.kill(id)
    },
  })
  cluster.pass(1)
  sharing({ roles: [{ role: 'web', guarantee: { cpuMilli: 2000 } }] })
  start('web', hold, {}, { role: 'web' })
  cluster.pass(20)
  expect(news()).toEqual(['hog hog S0', 'give back 2000 of S0, hog, in 5: role web is owed it', 'web web S0'])
  expect(ends.map((each) => each.split(' ')[1])).toEqual(['kill-requested', 'kill-requested'])
})

describe('an author asks for himself', () => {
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  test('what keeps the slaves from him, and how his roles stand', async () => {
    clusterOf(['S0', 'S1'])
    const author = start('F0', hold, {}, { role: 'eng/ads', filters: { slaves: ['S0'] } })
    cluster.pass(1)
    const explained = author.explain({ cpus: 8 })
    const shared = author.share()
    await settled()
    cluster.pass(1)
    const { counts, slaves } = await explained
    expect(counts).toMatchObject({ constrained: 1 })
    expect(slaves.find(({ slaveName }) => slaveName === 'S1')).toMatchObject({
      role: 'eng/ads',
      obstacle: 'constrained',
    })
    expect((await shared).roles).toMatchObject([{ role: 'eng/ads' }])
  })
})

test('a volume is made in an accept, used, comes back in offers, and is destroyed', () => {
  clusterOf([])
  cluster.addSlave('S0', { resources: { cpus: 1, mem: 250, disk: 1000 } })
  const task = { cpus: 1, mem: 250, command: ['sleep', '2'], volumes: [{ volumeId: 'db', path: 'data' }] }
  const steps: ((offer: Offer) => boolean)[] = [
    (offer) =>
      offer.reserve({ disk: 500 }) &&
      offer.createVolume('db', { disk: 400 }) &&
      offer.add({ ...task, id: 't1' }),
    (offer) => offer.add({ ...task, id: 't2' }),
    (offer) => offer.destroyVolume('db') && offer.unreserve({ disk: 500 }),
    () => true,
  ]
  const onStatus: Framework['onStatus'] = ({ taskId, state }) => void told.push(`${taskId} ${state}`)
  const step = (offer: Offer) => {
    told.push(`${offer.rest.diskMb} MiB, ${offer.volumes.map(({ volumeId }) => volumeId).join()}`)
    expect(steps.shift()?.(offer)).toBe(true)
    offer.send()
  }
  start('F0', step, { onStatus, wants: () => steps.length > 0 })
  cluster.pass(30)
  expect(news().filter((each) => !each.startsWith('F0'))).toEqual([
    '1000 MiB, ',
    't1 running',
    't1 finished',
    '600 MiB, db',
    't2 running',
    't2 finished',
    '600 MiB, db',
    '1000 MiB, ',
  ])
})
