/** Process isolation over the work directory of a slave that was killed, by either launcher. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LauncherKind } from '../../services/runtime/isolation/launcher.ts'
import { processIsolation } from '../../services/runtime/isolation/processes.ts'
import type { ProcessBounds } from '../../services/runtime/isolation/processOptions.ts'
import type { Run } from '../../services/runtime/ports.ts'
import { type Host, launcherOf, lives, parentOf, startHost, until } from './recovery.ts'
import { run, type Watched, watch } from './runs.ts'

// A machine under load is slow, not wrong.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let base: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'proffer-recovery-'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

const kinds: LauncherKind[] = ['perl', 'shell']
describe.each(kinds)('process isolation after a crash, %s launcher', (launcher) => {
  const opened: Watched[] = []
  const hosts: Host[] = []
  const helpers: ChildProcess[] = []
  let tests = 0
  let workDir: string
  const host = () => {
    const made = startHost(workDir, launcher)
    hosts.push(made)
    return made
  }
  const open = (bounds: Partial<ProcessBounds> = {}): Watched => {
    const watched = watch(processIsolation({ workDir, launcher, bounds }))
    opened.push(watched)
    return watched
  }
  /** What a slave had started, and did not live to see the end of. */
  const orphaned = async (...runs: readonly Run[]): Promise<Host> => {
    const slave = host()
    slave.start(...runs)
    for (const { runId } of runs) await slave.told(runId, 'run.started')
    return slave
  }
  const at = (runId: string, name = '') => join(workDir, runId, name)
  const go = (runId: string) => writeFile(at(runId, 'go'), '')
  const has = (runId: string, name: string) => until(() => existsSync(at(runId, name)))
  const pidOf = (runId: string) => Number(readFileSync(at(runId, 'pid'), 'utf8'))
  const typesOf = ({ events }: Watched, runId: string) =>
    events.filter((event) => event.runId === runId).map(({ type }) => type)

  beforeAll(async () => {
    workDir = join(base, `${launcher}-${tests++}`)
  })
  afterEach(async () => {
    for (const made of hosts.splice(0)) await made.kill().catch(() => {})
    for (const { isolation } of opened.splice(0)) await isolation.close({ kill: true })
    for (const helper of helpers.splice(0)) helper.kill('SIGKILL')
    await processIsolation({ workDir, launcher, bounds: { beginTimeoutMs: 100 } }).retain(new Set())
    workDir = join(base, `${launcher}-${tests++}`)
  })

  it('sees to its end what runs', async () => {
    const asked = ['exit 0', 'exit 3', 'kill -SEGV $$'].map((end, i) => waits(end, `task-${i}`))
    const slave = await orphaned(...asked)
    await slave.kill()
    const watched = open()
    for (const one of asked) watched.isolation.adopt(one)
    expect(watched.events).toEqual([])
    for (const { runId } of asked) expect(await watched.started(runId)).toBe(pidOf(runId))
    for (const { runId } of asked) await go(runId)
    expect(await Promise.all(asked.map(({ runId }) => watched.ended(runId)))).toEqual(ends)
    for (const { runId } of asked) expect(typesOf(watched, runId)).toEqual(['run.started', 'run.ended'])
  })

  it('tells of an end without waiting for the poll of all that runs', async () => {
    const asked = waits('exit 0', 'task-1')
    const slave = await orphaned(asked)
    await slave.kill()
    const { isolation, started, ended } = open({ pollMs: 600_000 })
    isolation.adopt(asked)
    await started(asked.runId)
    await go(asked.runId)
    expect(await ended(asked.runId)).toEqual({ exitCode: 0 })
  })

  it('tells of what ended while nobody watched', async () => {
    const asked = ['exit 0', 'exit 3', 'kill -SEGV $$'].map((end, i) => waits(end, `task-${i}`))
    const slave = await orphaned(...asked)
    await slave.kill()
    for (const { runId } of asked) await go(runId)
    for (const { runId } of asked) await has(runId, 'exit')
    const watched = open()
    for (const one of asked) watched.isolation.adopt(one)
    expect(await Promise.all(asked.map(({ runId }) => watched.ended(runId)))).toEqual(ends)
    for (const { runId } of asked) expect(typesOf(watched, runId)).toEqual(['run.started', 'run.ended'])
  })

  it('tells again why a program could not be started', async () => {
    const asked = run(['no-such-program'], { runId: 'task-1' })
    const slave = host()
    slave.start(asked)
    await slave.told('task-1', 'run.ended')
    await slave.kill()
    const watched = open()
    watched.isolation.adopt(asked)
    expect(await watched.ended('task-1')).toEqual({
      reason: 'command-not-found',
      message: 'command not found: no-such-program',
    })
    expect(typesOf(watched, 'task-1')).toEqual(['run.ended'])
  })

  it('stops what it took over, and lets the grace go on that was running', async () => {
    const polite = 'trap "exit 7" TERM; echo ready; while :; do sleep 0.01; done'
    const slow =
      'trap "until [ -e go ]; do sleep 0.01; done; exit 8" TERM; echo ready; while :; do sleep 0.01; done'
    const asked = [run(polite, { runId: 'task-0' }), run(slow, { runId: 'task-1' })]
    const slave = await orphaned(...asked)
    for (const { runId } of asked) await until(() => readFileSync(at(runId, 'stdout'), 'utf8') !== '')
    slave.stop('task-1', 600)
    await has('task-1', 'stop')
    await slave.kill()
    const { isolation, ended, started } = open()
    for (const one of asked) isolation.adopt(one)
    await started('task-1')
    isolation.stop('task-0', 600)
    await go('task-1')
    for (const [runId, exitCode] of [
      ['task-0', 7],
      ['task-1', 8],
    ] as const)
      expect(await ended(runId)).toEqual({
        reason: 'kill-requested',
        message: `ended on request with exit code ${exitCode}`,
        exitCode,
      })
  })

  it('kills at its deadline what an earlier process had asked to end', async () => {
    const asked = run('trap "" TERM; echo ready; while :; do sleep 1000; done', { runId: 'task-1' })
    const slave = await orphaned(asked)
    await until(() => readFileSync(at('task-1', 'stdout'), 'utf8') !== '')
    slave.stop('task-1', 2)
    await has('task-1', 'stop')
    const deadline = Number(readFileSync(at('task-1', 'stop'), 'utf8'))
    await slave.kill()
    const { isolation, ended } = open()
    isolation.adopt(asked)
    expect(await ended('task-1')).toMatchObject({ reason: 'kill-requested', signal: 'SIGKILL' })
    expect(Date.now()).toBeGreaterThanOrEqual(deadline)
  })

  it('kills the rest of a group whose leader ended in its grace while nobody watched', async () => {
    const rest = '(trap "" TERM; echo ready; while :; do sleep 1000; done) & echo $! >rest; wait'
    const asked = run(rest, { runId: 'task-1' })
    const slave = await orphaned(asked)
    await until(() => readFileSync(at('task-1', 'stdout'), 'utf8') !== '')
    slave.stop('task-1', 2)
    await has('task-1', 'exit')
    await slave.kill()
    const pid = Number(readFileSync(at('task-1', 'rest'), 'utf8'))
    expect(lives(pid)).toBe(true)
    const { isolation, ended } = open()
    isolation.adopt(asked)
    expect(await ended('task-1')).toMatchObject({ reason: 'kill-requested', signal: 'SIGTERM' })
    expect(lives(pid)).toBe(false)
  })

  it('starts what was never begun', async () => {
    await mkdir(at('task-1'), { recursive: true })
    const watched = open()
    for (const runId of ['task-1', 'task-2']) watched.isolation.adopt(run('exit 4', { runId }))
    for (const runId of ['task-1', 'task-2']) {
      expect(await watched.ended(runId)).toMatchObject({ reason: 'exit-code', exitCode: 4 })
      expect(typesOf(watched, runId)).toEqual(['run.started', 'run.ended'])
    }
    watched.isolation.adopt({ ...run('true'), runId: '../x' })
    expect(await watched.ended('../x')).toMatchObject({ reason: 'bad-task' })
  })

  it('runs once what an earlier launcher gets to only later', async () => {
    const { slave, asked } = await stalled()
    const earlier = slave.launcher()
    await slave.kill()
    const watched = open()
    watched.isolation.adopt(asked)
    await has('task-1', 'pid')
    process.kill(earlier, 'SIGCONT')
    await until(() => !lives(earlier))
    await go('task-1')
    expect(await watched.ended('task-1')).toMatchObject({ exitCode: 5 })
    expect(readFileSync(join(workDir, 'count'), 'utf8')).toBe('begun\n')
  })

  it('runs once, and sees to its end, what an earlier launcher begins before ours', async () => {
    const { slave, asked } = await stalled()
    const earlier = slave.launcher()
    const madeAt = statSync(at('task-1')).mtimeMs
    await slave.kill()
    const watched = open()
    await watched.finish(run('true', { runId: 'task-0' }))
    const ours = launcherOf(process.pid)
    process.kill(ours, 'SIGSTOP')
    watched.isolation.adopt(asked)
    await until(() => (statSync(at('task-1'), { throwIfNoEntry: false })?.mtimeMs ?? madeAt) > madeAt)
    process.kill(earlier, 'SIGCONT')
    await has('task-1', 'pid')
    process.kill(ours, 'SIGCONT')
    expect(await watched.started('task-1')).toBe(pidOf('task-1'))
    await go('task-1')
    expect(await watched.ended('task-1')).toMatchObject({ exitCode: 5 })
    expect(typesOf(watched, 'task-1')).toEqual(['run.started', 'run.ended'])
    expect(readFileSync(join(workDir, 'count'), 'utf8')).toBe('begun\n')
  })

  it('does not start what may have been begun', async () => {
    await mkdir(at('task-1'), { recursive: true })
    await writeFile(at('task-1', 'stdout'), '')
    const watched = open({ beginTimeoutMs: 100 })
    watched.isolation.adopt(run('echo again', { runId: 'task-1' }))
    const outcome = await watched.ended('task-1')
    expect(outcome.reason).toBe('isolation-failed')
    expect(outcome.message).toMatch(/nobody knows whether it did/)
    expect(typesOf(watched, 'task-1')).toEqual(['run.ended'])
    expect(await watched.text('task-1')).toBe('')
  })

  it('leaves a stranger alone who has the pid of a run', async () => {
    const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
    helpers.push(stranger)
    await mkdir(at('task-1'), { recursive: true })
    await writeFile(at('task-1', 'stdout'), '')
    await writeFile(at('task-1', 'pid'), `${stranger.pid}\n`)
    await writeFile(at('task-1', 'stop'), `${Date.now() - 1000}\n`)
    const longAgo = new Date(Date.now() - 3_600_000)
    await utimes(at('task-1', 'pid'), longAgo, longAgo)
    const watched = open({ exitTimeoutMs: 50 })
    watched.isolation.adopt(run('echo again', { runId: 'task-1' }))
    expect(await watched.ended('task-1')).toMatchObject({ reason: 'isolation-failed' })
    await open().isolation.retain(new Set())
    expect(existsSync(at('task-1'))).toBe(false)
    expect(lives(stranger.pid ?? 0)).toBe(true)
  })

  it('says so when the launcher was lost as well, and leaves nothing over', async () => {
    const asked = waits('exit 0', 'task-1', '(trap "" HUP TERM; sleep 1000) & echo $! >rest;')
    const slave = await orphaned(asked)
    await has('task-1', 'rest')
    await slave.kill()
    process.kill(parentOf(pidOf('task-1')), 'SIGKILL')
    const watched = open({ exitTimeoutMs: 100 })
    watched.isolation.adopt(asked)
    await watched.started('task-1')
    await go('task-1')
    const outcome = await watched.ended('task-1')
    expect(outcome.reason).toBe('isolation-failed')
    expect(outcome.message).toMatch(/nobody knows how/)
    const rest = Number(readFileSync(at('task-1', 'rest'), 'utf8'))
    await until(() => !lives(rest))
  })

  it('takes over fifty at once', async () => {
    const asked = Array.from({ length: 50 }, (_, i) => waits(`exit ${i}`, `task-${i}`))
    const slave = await orphaned(...asked)
    await slave.kill()
    for (const { runId } of asked.slice(0, 10)) await go(runId)
    const watched = open()
    for (const one of asked) watched.isolation.adopt(one)
    for (const { runId } of asked.slice(10)) await go(runId)
    const outcomes = await Promise.all(asked.map(({ runId }) => watched.ended(runId)))
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual(asked.map((_, i) => i))
    expect(watched.events).toHaveLength(100)
  })

  it('goes on with the logs, bounds them, and forgets', async () => {
    const logMaxBytes = 64 * 1024
    const lines = 'i=0; while [ $i -lt 30000 ]; do i=$((i+1)); printf "%09d\\n" $i; done; echo last'
    const asked = waits(`${lines}; sleep 1000`, 'task-1', 'echo first;')
    const slave = await orphaned(asked)
    await until(() => readFileSync(at('task-1', 'stdout'), 'utf8') === 'first\n')
    await slave.kill()
    const { isolation, started, ended, text, wrote } = open({ pollMs: 5, logMaxBytes })
    isolation.adopt(asked)
    await started('task-1')
    expect(await text('task-1')).toBe('first\n')
    await go('task-1')
    await wrote('task-1', 'last')
    await until(() => statSync(at('task-1', 'stdout')).size <= logMaxBytes / 2)
    expect((await isolation.readLog('task-1', 'stdout', 0, 1)).offset).toBeGreaterThan(0)
    isolation.stop('task-1', 0)
    await ended('task-1')
    await isolation.forget('task-1')
    expect(existsSync(at('task-1'))).toBe(false)
  })

  it('ends and clears away all that is not to be retained', async () => {
    const tree = '(trap "" HUP TERM; sleep 1000 & echo $! >rest.tmp; mv rest.tmp rest; wait) & '
    const left = [waits('exit 0', 'task-0', tree), waits('exit 0', 'executor-0', `setsid sh -c '${tree}' & `)]
    const kept = waits('exit 6', 'task-kept')
    const slave = await orphaned(...left, kept)
    for (const { runId } of left) await has(runId, 'rest')
    await slave.kill()
    await Promise.all(['checkpoint', 'task.log'].map((name) => writeFile(join(workDir, name), 'x')))
    await mkdir(join(workDir, 'other'))
    const pids = left.flatMap(({ runId }) => [pidOf(runId), Number(readFileSync(at(runId, 'rest'), 'utf8'))])
    expect(pids.every(lives)).toBe(true)
    const { isolation, started, ended } = open()
    const own = waits('exit 9', 'task-own')
    isolation.start(own)
    await isolation.retain(new Set(['task-kept']))
    expect(pids.some(lives)).toBe(false)
    await started('task-own')
    expect((await readdir(workDir)).sort()).toEqual([
      'checkpoint',
      'other',
      'task-kept',
      'task-own',
      'task.log',
    ])
    isolation.adopt(kept)
    await Promise.all([go('task-kept'), go('task-own')])
    expect(await ended('task-kept')).toMatchObject({ exitCode: 6 })
    expect(await ended('task-own')).toMatchObject({ exitCode: 9 })
  })

  it('retains nothing where nothing is, and says so when it cannot look', async () => {
    await open().isolation.retain(new Set())
    await writeFile(workDir, '')
    await expect(open().isolation.retain(new Set())).rejects.toThrow(
      /^the work directory .* cannot be read: /,
    )
    await rm(workDir)
  })

  /** A slave whose launcher was told to start a run, and has not heard it yet. */
  async function stalled() {
    const slave = await orphaned(run('true', { runId: 'task-first' }))
    await slave.told('task-first', 'run.ended')
    process.kill(slave.launcher(), 'SIGSTOP')
    const asked = waits('exit 5', 'task-1', 'echo begun >>../count;')
    slave.start(asked)
    await until(() => existsSync(at('task-1')))
    // It answers in the order that it is asked in: the request is in the pipe.
    slave.start({ ...run('true'), runId: '../x' })
    await slave.told('../x', 'run.ended')
    return { slave, asked }
  }
})

/** Ends so when it is let go, and does not ask over and over: fifty that did would take all processors. */
const waits = (end: string, runId: string, first = ''): Run =>
  run(`${first} mkfifo go; read line <go; ${end}`, { runId })

const ends = [
  { exitCode: 0 },
  { reason: 'exit-code', message: 'exit code 3', exitCode: 3 },
  { reason: 'signal', message: 'ended by SIGSEGV (segmentation fault)', signal: 'SIGSEGV' },
]
