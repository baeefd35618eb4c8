/** The journey into containers: over a real bus, a slave with Docker isolation, and what becomes of hogs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dockerIsolation } from '../../services/runtime/isolation/docker.ts'
import { startTestCluster, type TestCluster } from './cluster-world.ts'
import { startEngine, type TestEngine } from './engine.ts'

const started = await startEngine()
const isSkipped = typeof started === 'string' && process.env.CI === undefined
if (typeof started === 'string') console.warn(`Docker tests are skipped: ${started}`)

describe.skipIf(isSkipped)('into containers', () => {
  let cluster: TestCluster
  let engine: TestEngine
  const workDir = mkdtempSync(join(tmpdir(), 'proffer-docker-journey-'))
  beforeAll(async () => {
    if (typeof started === 'string') throw new Error(`CI needs a Docker engine: ${started}`)
    engine = started
    cluster = await startTestCluster()
    await cluster.addMaster('M0')
    const isolation = await dockerIsolation({
      socketPath: engine.socketPath,
      workDir,
      defaultImage: engine.image,
    })
    await cluster.addSlave('S0', { isolation })
  })
  afterAll(async () => {
    await cluster?.stop()
    await engine?.stop()
    rmSync(workDir, { recursive: true, force: true })
  })

  test('commands run in their image, and end as they do', async () => {
    const container = { cpus: 0.2, mem: 32, image: engine.image }
    const { end } = await cluster.run('images', [
      { id: 'well', ...container, command: ['true'] },
      { id: 'seven', ...container, command: 'exit 7' },
      { id: 'missing', ...container, command: ['no-such-program'] },
      { id: 'hog', ...container, command: 'x=; while :; do x="$x$x$$"; done' },
    ])
    expect(await end('well')).toMatchObject({ state: 'finished' })
    expect(await end('seven')).toMatchObject({ state: 'failed', reason: 'exit-code', exitCode: 7 })
    expect(await end('missing')).toMatchObject({ state: 'failed', reason: 'command-not-found' })
    expect(await end('hog')).toMatchObject({ state: 'failed', reason: 'memory-limit' })
  })

  test('a container is killed with grace', async () => {
    const { scheduler, state, end } = await cluster.run('kills', [
      { id: 'long', cpus: 0.1, mem: 32, image: engine.image, command: ['sleep', '1000'] },
    ])
    await state('long', 'running')
    scheduler.kill('long', 1)
    expect(await end('long')).toMatchObject({ state: 'killed', reason: 'kill-requested' })
  })
})
