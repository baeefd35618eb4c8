/** Docker isolation over the work directory of a slave that was killed, with a real engine. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { dockerIsolation } from '../../services/runtime/isolation/docker.ts'
import type { Run } from '../../services/runtime/ports.ts'
import { none } from '../../shared/resources.ts'
import { startEngine } from './engine.ts'
import { startHost, until } from './recovery.ts'
import { run as anyRun, type Watched, watch } from './runs.ts'

// A machine under load is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const started = await startEngine()
const engine = typeof started === 'string' ? undefined : started
if (typeof started === 'string') console.warn(`Docker tests are skipped: ${started}`)
const needed = process.env['CI'] !== undefined

describe.skipIf(!engine && !needed)('docker isolation after a crash', () => {
  const { socketPath, image, ask, stop } = engine ?? absent
  const opened: Watched[] = []
  let workDir: string

  beforeAll(async () => {
    expect(started, 'CI needs a Docker engine').toBeTypeOf('object')
    workDir = await mkdtemp(join(tmpdir(), 'proffer-docker-recovery-'))
  })
  afterEach(async () => {
    for (const { isolation } of opened.splice(0)) await isolation.close({ kill: true })
    const sweeper = await open()
    await sweeper.isolation.retain(new Set())
  })
  afterAll(async () => {
    for (const { isolation } of opened) await isolation.close({ kill: false })
    await stop()
    await rm(workDir, { recursive: true, force: true })
  })

  const open = async () => {
    const watched = watch(await dockerIsolation({ socketPath, workDir, defaultImage: image }))
    opened.push(watched)
    return watched
  }
  /** What a slave had started, and did not live to see the end of. */
  const orphaned = async (...runs: readonly Run[]) => {
    const slave = startHost(workDir, 'docker', socketPath, image)
    slave.start(...runs)
    for (const { runId } of runs) await slave.told(runId, 'run.started')
    return slave
  }
  const kill = (runId: string, signal: string) =>
    ask('POST', `/containers/proffer-${runId}/kill?signal=${signal}`)
  const statusOf = async (runId: string) => (await ask('GET', `/containers/proffer-${runId}/json`)).status
  const stdoutHas = (runId: string, words: string) =>
    until(() => {
      const path = join(workDir, runId, 'stdout')
      return existsSync(path) && readFileSync(path, 'utf8').includes(words)
    })

  it('sees to its end what runs, and goes on with its logs', async () => {
    const asked = run('trap "echo second; exit 3" USR1; echo first; while :; do sleep 0.05; done')
    const slave = await orphaned(asked)
    await stdoutHas(asked.runId, 'first')
    await slave.kill()
    const { isolation, started, ended, text, events } = await open()
    isolation.adopt(asked)
    expect(events).toEqual([])
    await started(asked.runId)
    await kill(asked.runId, 'SIGUSR1')
    expect(await ended(asked.runId)).toEqual({ reason: 'exit-code', message: 'exit code 3', exitCode: 3 })
    expect(await text(asked.runId)).toBe('first\nsecond\n')
    expect(events.map(({ type }) => type)).toEqual(['run.started', 'run.ended'])
  })

  it('tells of what ended while nobody watched', async () => {
    const asked = run('trap "echo second; exit 3" USR1; echo first; while :; do sleep 0.05; done')
    const hog = run('trap "exec tail /dev/zero" USR1; echo first; while :; do sleep 0.05; done')
    const slave = await orphaned(asked, hog)
    for (const { runId } of [asked, hog]) await stdoutHas(runId, 'first')
    await slave.kill()
    for (const { runId } of [asked, hog]) {
      await kill(runId, 'SIGUSR1')
      await ask('POST', `/containers/proffer-${runId}/wait`)
    }
    const { isolation, ended, text, events } = await open()
    for (const one of [asked, hog]) isolation.adopt(one)
    expect(await ended(asked.runId)).toMatchObject({ reason: 'exit-code', exitCode: 3 })
    expect(await text(asked.runId)).toBe('first\nsecond\n')
    expect(await ended(hog.runId)).toMatchObject({ reason: 'memory-limit', signal: 'SIGKILL' })
    expect(events.filter(({ type }) => type === 'run.started')).toHaveLength(2)
    expect(events.filter(({ type }) => type === 'run.ended')).toHaveLength(2)
  })

  it('stops what it took over, and kills at its deadline what an earlier process had asked to end', async () => {
    const polite = run('trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done')
    const deaf = run('trap "" TERM; echo ready; while :; do sleep 0.05; done')
    const slave = await orphaned(polite, deaf)
    for (const { runId } of [polite, deaf]) await stdoutHas(runId, 'ready')
    slave.stop(deaf.runId, 2)
    await until(() => existsSync(join(workDir, deaf.runId, 'stop')))
    const deadline = Number(readFileSync(join(workDir, deaf.runId, 'stop'), 'utf8'))
    await slave.kill()
    const { isolation, ended } = await open()
    for (const one of [polite, deaf]) isolation.adopt(one)
    isolation.stop(polite.runId, 600)
    expect(await ended(polite.runId)).toMatchObject({ reason: 'kill-requested', exitCode: 7 })
    expect(await ended(deaf.runId)).toMatchObject({ reason: 'kill-requested', signal: 'SIGKILL' })
    expect(Date.now()).toBeGreaterThanOrEqual(deadline)
  })

  it('starts what was never begun, also when its container had been made', async () => {
    const asked = Array.from({ length: 3 }, () => run('echo begun; exit 4'))
    const [bare, sandboxed, made] = asked
    await mkdir(join(workDir, sandboxed?.runId ?? ''))
    await mkdir(join(workDir, made?.runId ?? ''))
    const spec = { Image: image, Cmd: ['true'], Labels: { 'proffer.workdir': workDir } }
    const request = JSON.stringify(spec)
    const created = await ask(
      'POST',
      `/containers/create?name=proffer-${made?.runId}`,
      Buffer.from(request),
      json,
    )
    expect(created.status).toBe(201)
    const { isolation, ended, text } = await open()
    for (const one of asked) isolation.adopt(one)
    for (const { runId } of asked) {
      expect(await ended(runId)).toMatchObject({ reason: 'exit-code', exitCode: 4 })
      expect(await text(runId)).toBe('begun\n')
    }
    expect(await statusOf(bare?.runId ?? '')).toBe(200)
  })

  it('does not start again what somebody else removed', async () => {
    const asked = run('echo first; sleep 1000')
    const slave = await orphaned(asked)
    await stdoutHas(asked.runId, 'first')
    await slave.kill()
    await ask('DELETE', `/containers/proffer-${asked.runId}?force=true`)
    const { isolation, ended } = await open()
    isolation.adopt(asked)
    expect(await ended(asked.runId)).toEqual({
      reason: 'isolation-failed',
      message: 'somebody else removed its container',
    })
  })

  it('ends and clears away all that is not to be retained', async () => {
    const [left, kept, own] = [run('sleep 1000'), run('sleep 1000'), run('sleep 1000')]
    const slave = await orphaned(left, kept)
    await slave.kill()
    await writeFile(join(workDir, 'checkpoint'), '')
    const elsewhere = join(workDir, 'elsewhere')
    const other = watch(await dockerIsolation({ socketPath, workDir: elsewhere, defaultImage: image }))
    const foreign = run('sleep 1000')
    other.isolation.start(foreign)
    await other.started(foreign.runId)
    const { isolation, started } = await open()
    isolation.start(own)
    await isolation.retain(new Set([kept.runId]))
    await started(own.runId)
    expect(await Promise.all([left, kept, own, foreign].map(({ runId }) => statusOf(runId)))).toEqual([
      404, 200, 200, 200,
    ])
    const names = await readdir(workDir)
    expect(names).not.toContain(left.runId)
    expect(names).toEqual(expect.arrayContaining(['checkpoint', 'elsewhere', kept.runId, own.runId]))
    await other.isolation.close({ kill: true })
    await (await openAt(elsewhere)).retain(new Set())
    expect(await statusOf(foreign.runId)).toBe(404)
  })

  async function openAt(folder: string) {
    const isolation = await dockerIsolation({ socketPath, workDir: folder })
    opened.push(watch(isolation))
    return isolation
  }
})

/** Several test runs may share an engine: the names of their containers must differ. */
function run(command: string): Run {
  const made = anyRun(command, { resources: { ...none, cpuMilli: 1000, memMb: 32 } })
  return { ...made, runId: `task-${process.pid}-${made.runId}` }
}

const json = { 'content-type': 'application/json' }
const absent = {
  socketPath: '',
  image: '',
  ask: async () => ({ status: 0, body: '' }),
  stop: async () => {},
}
