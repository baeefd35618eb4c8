/** What an author wishes to be offered, role by role, and what he is told of it. His leader is played. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Framework } from '../services/scheduler/framework.ts'
import { type FrameworkTraits, SimulatedCluster } from '../services/simulator/index.ts'
import { PlayedLeader } from './sim/playedLeader.ts'

let cluster: SimulatedCluster
let leader: PlayedLeader
let work: Set<string>
let told: string[]
beforeEach(() => {
  cluster = new SimulatedCluster()
  leader = new PlayedLeader(cluster)
  work = new Set(['eng/ads', 'eng/web'])
  told = []
})

const roles = ['eng/ads', 'eng/web']
function start(traits: FrameworkTraits = { roles }, more: Partial<Framework> = {}) {
  const framework = cluster.addFramework(
    'F0',
    {
      wants: (role) => work.has(role),
      onOffers: (offers) => {
        for (const { id } of offers) told.push(`offered ${id}`)
      },
      onError: ({ code, message }) => told.push(`${code}: ${message}`),
      ...more,
    },
    traits,
  )
  cluster.pass(1)
  return framework.author
}
const silent = () => undefined
const offerIn = (role: string, offerId: string) => ({
  offerId,
  slaveId: '1-S1',
  slaveName: 'S0',
  role,
  resources: { cpuMilli: 1000, memMb: 100, diskMb: 0, gpus: 0 },
  attributes: {},
  isolation: 'process',
  executors: [],
  standsSeconds: 30,
})

describe('a framework is in', () => {
  test.each<[string, FrameworkTraits, string[]]>([
    ['the role of its own name', {}, ['F0']],
    ['one role', { role: 'eng/ads' }, ['eng/ads']],
    ['several', { roles }, roles],
  ])('%s', (_, traits, named) => {
    work = new Set(named)
    start(traits)
    expect(leader.last('framework.subscribe')).toMatchObject({
      roles: named.map((role) => ({ role, suppressed: false, filters: {} })),
    })
  })

  test.each<[string, FrameworkTraits, string]>([
    ['a role and roles', { role: 'a', roles: ['b'] }, 'not both'],
    ['no role at all', { roles: [] }, '1 to 100 roles'],
    ['more than there may be', { roles: Array.from({ length: 101 }, (_, i) => `r${i}`) }, '1 to 100 roles'],
    ['a role twice', { roles: ['a', 'a'] }, 'named twice'],
    ['a role with an empty part', { roles: ['eng//ads'] }, 'has an empty part'],
    ['a role with a space', { role: 'my role' }, 'letters, digits'],
  ])('but not in %s', (_, traits, said) => {
    expect(() => start(traits)).toThrow(RangeError)
    expect(() => start(traits)).toThrow(said)
  })

  test('with filters of its own in a role, or those for all', () => {
    const filters = { atLeast: { cpus: 2 }, attributes: { rack: { pattern: 'r*' } } }
    start({ roles: ['eng/ads', { role: 'eng/web', filters: { slaves: ['S1'] } }], filters, takes: ['short'] })
    expect(leader.last('framework.subscribe')).toMatchObject({
      takes: ['short'],
      roles: [
        {
          role: 'eng/ads',
          filters: { atLeast: { cpuMilli: 2000 }, attributes: { rack: { pattern: 'r*' } } },
        },
        { role: 'eng/web', filters: { slaves: ['S1'] } },
      ],
    })
  })
})

describe('wanting nothing', () => {
  test('in one role suppresses it there; what is offered there all the same is refused for long', () => {
    const author = start()
    work.delete('eng/web')
    author.review()
    cluster.pass(0.1)
    expect(leader.all('offers.suppress')).toMatchObject([{ roles: ['eng/web'] }])
    leader.say('F0', 'offer.make', { offers: [offerIn('eng/web', '1-O1'), offerIn('eng/ads', '1-O2')] })
    cluster.pass(0.1)
    expect(told).toEqual(['offered 1-O2'])
    expect(leader.all('offer.decline')).toMatchObject([
      { offerIds: ['1-O1'], refuseSeconds: 120, reason: 'idle' },
      { offerIds: ['1-O2'] },
    ])
  })

  test('from the start goes with the subscription', () => {
    work.delete('eng/ads')
    start()
    expect(leader.last('framework.subscribe')).toMatchObject({
      roles: [
        { role: 'eng/ads', suppressed: true },
        { role: 'eng/web', suppressed: false },
      ],
    })
  })

  test('and then something revives, and what was refused there is forgotten', () => {
    const author = start()
    work.clear()
    author.review()
    work.add('eng/ads')
    author.review()
    cluster.pass(0.1)
    expect(leader.all('offers.revive')).toMatchObject([{ roles: ['eng/ads'] }])
    expect(leader.all('refusals.clear')).toMatchObject([{ roles: ['eng/ads'] }])
  })
})

describe('a lost word is said again:', () => {
  test('a wish, when the leader believes otherwise', () => {
    const author = start()
    const suppressed = ['eng/ads']
    leader.play('framework.beat', () => ({ epoch: 1, digest: 0, suppressed }))
    work.delete('eng/web')
    leader.play('offers.suppress', silent)
    author.review()
    cluster.pass(3)
    expect(leader.last('offers.revive')).toMatchObject({ roles: ['eng/ads'] })
    expect(leader.all('offers.suppress').length).toBeGreaterThan(1)
    expect(leader.last('offers.suppress')).toMatchObject({ roles: ['eng/web'] })
    const said = leader.all('offers.suppress').length
    suppressed.splice(0, 1, 'eng/web')
    cluster.pass(20)
    expect(leader.all('offers.suppress').length - said).toBeLessThanOrEqual(1)
  })

  test.each(['refusals.clear', 'filters.set'] as const)('%s, until it is answered', (type) => {
    const author = start()
    leader.play(type, silent)
    if (type === 'filters.set') author.filter({ slaves: ['S1'] }, ['eng/web'])
    else author.clearRefusals(['eng/web'])
    cluster.pass(30)
    const unheard = leader.all(type).length
    expect(unheard).toBeGreaterThan(2)
    // Never faster than it beats, and nothing is on its way twice.
    expect(unheard).toBeLessThan(8)
    leader.play(type, () => ({}))
    cluster.pass(10)
    const said = leader.all(type).length
    cluster.pass(30)
    expect(leader.all(type).length).toBe(said)
    expect(leader.last(type)).toMatchObject({ roles: ['eng/web'] })
  })

  test('of filters that were changed meanwhile only the last ones', () => {
    const author = start()
    leader.play('filters.set', silent)
    author.filter({ slaves: ['S1'] })
    cluster.pass(1)
    author.filter({ slaves: ['S2'] })
    cluster.pass(1)
    const said = leader.all('filters.set').length
    leader.play('filters.set', () => ({}))
    cluster.pass(20)
    expect(leader.all('filters.set').slice(said)).toMatchObject([{ roles, filters: { slaves: ['S2'] } }])
  })

  test('filters that change while a subscription is on its way are said behind it', () => {
    let author: ReturnType<typeof start> | undefined
    leader.play('framework.subscribe', () => {
      author?.filter({ slaves: ['S1'] }, ['eng/ads'])
      return { frameworkId: '1-F1', epoch: 1, beatSeconds: 2 }
    })
    author = start()
    author.clearRefusals()
    leader.say('F0', 'offer.make', { offers: [] })
    cluster.frameworks.get('F0')?.actor.hear({ type: 'reconnected', at: cluster.time.now() })
    cluster.pass(1)
    expect(leader.all('framework.subscribe').length).toBe(2)
    expect(leader.all('filters.set')).toMatchObject([{ roles: ['eng/ads'], filters: { slaves: ['S1'] } }])
  })

  test('a process that goes on as an earlier one does not know what that one refused', () => {
    work.delete('eng/web')
    cluster.addFramework(
      'F0',
      { onOffers: () => {}, wants: (role) => work.has(role) },
      {
        roles,
        frameworkId: '1-F1' as never,
      },
    )
    cluster.pass(1)
    expect(leader.all('refusals.clear')).toMatchObject([{ roles: ['eng/ads'] }])
  })
})

describe('filters', () => {
  test('for one role, or for all', () => {
    const author = start()
    author.filter({ attributes: { rack: { oneOf: ['r1', 'r2'] } } })
    author.filter({ slaves: ['S1'] }, ['eng/web'])
    cluster.pass(0.1)
    expect(leader.all('filters.set')).toMatchObject([
      { roles, filters: { attributes: { rack: { oneOf: ['r1', 'r2'] } } } },
      { roles: ['eng/web'], filters: { slaves: ['S1'] } },
    ])
    cluster.frameworks.get('F0')?.actor.hear({ type: 'reconnected', at: cluster.time.now() })
    cluster.pass(1)
    expect(leader.last('framework.subscribe')).toMatchObject({
      roles: [
        { role: 'eng/ads', filters: { attributes: { rack: { oneOf: ['r1', 'r2'] } } } },
        { role: 'eng/web', filters: { slaves: ['S1'] } },
      ],
    })
  })

  test('only in its own roles', () => {
    const author = start()
    expect(() => author.filter({}, ['ops'])).toThrow('not in role ops: it is in eng/ads, eng/web')
    expect(() => author.clearRefusals(['ops'])).toThrow(RangeError)
  })

  test('that are refused are told', () => {
    const author = start()
    leader.play('filters.set', () => ({ ok: false, code: 'role-unknown', message: 'no such role' }))
    author.filter({ slaves: [] })
    cluster.pass(10)
    expect(told).toEqual(['role-unknown: no such role'])
    expect(leader.all('filters.set').length).toBe(1)
  })
})

test('a revocation is told with all that it says', () => {
  const notice = {
    slaveId: '1-S1',
    slaveName: 'S0',
    role: 'eng/ads',
    resources: { cpuMilli: 1000, memMb: 0, diskMb: 0, gpus: 0 },
    withinSeconds: 10,
    taskIds: ['t1'],
    reason: 'role eng/web holds less than its guarantee',
  }
  const notices: object[] = []
  start({ roles }, { onRevocation: (notice) => void notices.push(notice) })
  leader.say('F0', 'revocation.notice', notice)
  cluster.pass(0.1)
  expect(notices).toEqual([notice])
})

test('backing off is told once each time that it begins', () => {
  let answer: object = { backedOff: 4 }
  leader.play('offer.decline', () => answer)
  const author = start(
    { roles },
    {
      onOffers: (offers) => {
        for (const offer of offers)
          if (offer.id.endsWith('9')) offer.add({ id: offer.id, cpus: 1, command: ['true'] })
      },
      onBackedOff: (seconds) => void told.push(`backed off ${seconds}`),
    },
  )
  const offer = (offerId: string) => {
    leader.say('F0', 'offer.make', { offers: [offerIn('eng/ads', offerId)] })
    cluster.pass(0.1)
  }
  offer('1-O1')
  answer = { backedOff: 8 }
  offer('1-O2')
  expect(told).toEqual(['backed off 4'])
  expect(cluster.notes.filter((note) => note.includes('keeps declining')).length).toBe(1)
  // Whoever takes something at last is taken at his word again.
  offer('1-O9')
  offer('1-O3')
  expect(told).toEqual(['backed off 4', 'backed off 8'])
  answer = {}
  offer('1-O4')
  answer = { backedOff: 4 }
  offer('1-O5')
  expect(told.at(-1)).toBe('backed off 4')
  expect(author.frameworkId).toBe('1-F1')
})

describe('an accept that reserves', () => {
  const reserving: Partial<Framework> = {
    onOffers: ([offer]) => {
      offer?.reserve({ cpus: 1 })
      offer?.createVolume('db-1', { disk: 0.6 })
    },
  }
  const made = { ...offerIn('eng/ads', '1-O1'), resources: { cpuMilli: 1000, memMb: 0, diskMb: 10, gpus: 0 } }

  test('says what, without a task', () => {
    start({ roles }, reserving)
    leader.say('F0', 'offer.make', { offers: [made] })
    cluster.pass(0.1)
    expect(leader.all('offer.accept')).toMatchObject([
      {
        offerIds: ['1-O1'],
        tasks: [],
        reserve: { cpuMilli: 1000 },
        createVolumes: [{ volumeId: 'db-1', diskMb: 1 }],
      },
    ])
    expect(told).toEqual([])
  })

  test.each<[string, () => object | undefined, RegExp]>([
    [
      'is refused',
      () => ({ ok: false, code: 'bad-reservation', message: 'too much' }),
      /^refused: nothing was reserved or made: bad-reservation: too much$/,
    ],
    ['is not answered', silent, /^timeout: .*what was reserved shows in the next offers$/],
  ])('and %s: the author is told, as no task can tell him', (_, play, said) => {
    start({ roles }, reserving)
    leader.play('offer.accept', play)
    leader.say('F0', 'offer.make', { offers: [made] })
    cluster.pass(20)
    expect(told).toEqual([expect.stringMatching(said)])
  })
})

describe('for himself an author may ask', () => {
  /** Promises settle between two steps of virtual time. */
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  const answered = async <Answer>(asked: Promise<Answer>): Promise<Answer> => {
    await settled()
    cluster.pass(10)
    return asked
  }

  test('why he is offered so little', async () => {
    leader.play('explain.get', () => ({ counts: { filtered: 3, none: 1 }, slaves: [], next: 'S9' }))
    const author = start()
    const attributes = { zone: 'a' }
    const asked = author.explain({ cpus: 4, mem: 8000, attributes, role: 'eng/ads', slave: 'S0', limit: 10 })
    expect(await answered(asked)).toMatchObject({ counts: { filtered: 3, none: 1 }, slaves: [], next: 'S9' })
    await answered(author.explain())
    expect(leader.all('explain.get')).toEqual([
      {
        frameworkId: '1-F1',
        role: 'eng/ads',
        slave: 'S0',
        attributes,
        resources: { cpuMilli: 4000, memMb: 8000, diskMb: 0, gpus: 0 },
        limit: 10,
      },
      { frameworkId: '1-F1' },
    ])
  })

  test('where a task is, and what his roles have', async () => {
    leader.play('task.explain', ({ taskId }) => ({ task: taskRow, why: [`${taskId} runs on S0.`] }))
    leader.play('share.get', () => ({ ...shares, roles: [] }))
    const author = start()
    expect(await answered(author.explainTask('t1'))).toEqual(['t1 runs on S0.'])
    expect(await answered(author.share())).toMatchObject({ share: 0.25, roles: [] })
  })

  test('and is told when he may not, or nobody answers', async () => {
    const author = start()
    leader.play('explain.get', () => ({ ok: false, code: 'role-unknown', message: 'no such role' }))
    await expect(answered(author.explain({ role: 'ops' }))).rejects.toThrow('no such role')
    leader.play('explain.get', silent)
    await expect(answered(author.explain())).rejects.toThrow('no answer')
  })

  const none = { cpuMilli: 0, memMb: 0, diskMb: 0, gpus: 0 }
  const shares = { guaranteed: none, share: 0.25, booked: none, offered: none, total: none }
  const taskRow = {
    frameworkId: '1-F1',
    frameworkName: 'F0',
    taskId: 't1',
    slaveId: '1-S1',
    slaveName: 'S0',
    executor: 'command',
    role: 'eng/ads',
    state: 'running',
    resources: none,
    since: 0,
  }
})
