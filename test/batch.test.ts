/** The batch framework on virtual time: every piece of work comes to its end, whatever is lost on the way. */
import { expect, test } from 'vitest'
import { batch, type Result } from '../services/frameworks/batch.ts'
import { foul, SimulatedCluster } from '../services/simulator/index.ts'

const slave = { resources: { cpus: 2, mem: 512 } }
const needs = { cpus: 1, mem: 64 }

function clusterOf(slaves: readonly string[], options = {}): SimulatedCluster {
  const cluster = new SimulatedCluster(options)
  cluster.addMaster('M0')
  for (const name of slaves) cluster.addSlave(name, slave)
  return cluster
}

/** The results, once all of them are told within so many seconds of virtual time. */
async function resultsOf(cluster: SimulatedCluster, commands: readonly string[], seconds = 60) {
  const told: Result[] = []
  const work = commands.map((command) => ({ command: command.split(' '), ...needs }))
  const jobs = batch(work, { onResult: (result) => told.push(result) })
  cluster.addFramework('batch', jobs)
  cluster.until(() => told.length === commands.length, seconds)
  expect(jobs.wants?.('batch')).toBe(false)
  return jobs.results
}

const endsOf = (results: readonly Result[]) =>
  results.map(({ index, work, status }) => [index, [work.command].flat().join(' '), status.state])

test('runs all, in the order of the list, as much at a time as fits', async () => {
  const cluster = clusterOf(['S0', 'S1'])
  const begin = cluster.time.passed
  const results = await resultsOf(cluster, ['sleep 1', 'sleep 3', 'sleep 1', 'sleep 1', 'sleep 1', 'sleep 1'])
  expect(endsOf(results)).toEqual(
    ['sleep 1', 'sleep 3', 'sleep 1', 'sleep 1', 'sleep 1', 'sleep 1'].map((command, index) => [
      index,
      command,
      'finished',
    ]),
  )
  // Four at a time, so that the two that wait are done before the long one is.
  expect(cluster.time.passed - begin).toBeLessThan(3500)
})

test('nothing to do is done at once, and wants no offers', async () => {
  const jobs = batch([])
  expect(await jobs.results).toEqual([])
  expect(jobs.wants?.('batch')).toBe(false)
})

test('a command that fails has had its end', async () => {
  const results = await resultsOf(clusterOf(['S0']), ['exit 3', 'exit 0'])
  expect(endsOf(results)).toEqual([
    [0, 'exit 3', 'failed'],
    [1, 'exit 0', 'finished'],
  ])
  expect(results[0]?.status).toMatchObject({ taskId: '1.1', reason: 'exit-code', exitCode: 3 })
})

test('work that is lost with its slave is done on another', async () => {
  const cluster = clusterOf(['S0'], { master: { slaveGoneSeconds: 10 } })
  const jobs = batch([{ command: ['sleep', '20'], ...needs }])
  cluster.addFramework('batch', jobs)
  cluster.until(() => (cluster.slaves.get('S0')?.containers.running.size ?? 0) === 1)
  cluster.kill('S0')
  cluster.addSlave('S1', slave)
  cluster.pass(60)
  const [result] = await jobs.results
  expect(result?.status).toMatchObject({ taskId: '1.2', state: 'finished' })
})

test('work that is lost again and again is given up', async () => {
  const cluster = clusterOf([], { master: { slaveGoneSeconds: 10 } })
  const jobs = batch([{ command: ['forever'], ...needs }], { starts: 2 })
  cluster.addFramework('batch', jobs)
  for (const name of ['S0', 'S1']) {
    const { containers } = cluster.addSlave(name, slave)
    cluster.until(() => containers.running.size === 1)
    cluster.kill(name)
    cluster.pass(30)
  }
  const [result] = await jobs.results
  expect(result?.status).toMatchObject({ taskId: '1.2', state: 'lost' })
})

test('an offer that is gone when it is accepted is no failure of the work', async () => {
  const cluster = clusterOf(['S0'], { master: { offerSeconds: 1 } })
  const jobs = batch([{ command: ['exit', '0'], ...needs }], { starts: 1 })
  const told: string[] = []
  let late = 2
  cluster.addFramework('batch', {
    ...jobs,
    onOffers(offers, scheduler) {
      // Thinks until the leader has taken the offer back, and takes it all the same.
      if (late === 0) return jobs.onOffers(offers, scheduler)
      late--
      for (const offer of offers) {
        offer.hold()
        cluster.time.callAt(cluster.time.now() + 1500, () => {
          jobs.onOffers([offer], scheduler)
          offer.send()
        })
      }
    },
    onStatus(status, scheduler) {
      if (status.reason) told.push(status.reason)
      return jobs.onStatus?.(status, scheduler)
    },
  })
  cluster.pass(30)
  const [result] = await jobs.results
  expect(told).toContain('offer-gone')
  expect(result?.status).toMatchObject({ taskId: '1.1', state: 'finished' })
})

test('in foul weather all of it ends once', async () => {
  const cluster = clusterOf(['S0', 'S1', 'S2'], { seed: 7, weather: foul })
  const commands = Array.from({ length: 40 }, (_, index) => `sleep ${1 + (index % 3)}`)
  const results = await resultsOf(cluster, commands, 3600)
  expect(endsOf(results)).toEqual(commands.map((command, index) => [index, command, 'finished']))
})

test.each(['revoked', 'slave-drained'] as const)(
  'work that was %s has not used up a start',
  async (reason) => {
    const cluster = clusterOf(['S0'])
    const jobs = batch([{ command: ['sleep', '5'], ...needs }], { starts: 1 })
    const { author } = cluster.addFramework('batch', {
      ...jobs,
      onStatus: (status, scheduler) =>
        jobs.onStatus?.(status.state === 'killed' ? { ...status, reason } : status, scheduler),
    })
    cluster.until(() => cluster.slaves.get('S0')?.containers.running.size === 1)
    author.kill('1.1')
    cluster.pass(30)
    const [result] = await jobs.results
    expect(result?.status).toMatchObject({ taskId: '1.1', state: 'finished' })
  },
)
