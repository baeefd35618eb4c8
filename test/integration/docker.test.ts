/** Docker isolation with a real engine. */

import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { droppedLimit } from '../../services/runtime/isolation/docker/containerSpec.ts'
import type { DockerBounds, DockerOptions } from '../../services/runtime/isolation/docker/dockerOptions.ts'
import { checkDocker, dockerIsolation } from '../../services/runtime/isolation/docker.ts'
import type { Run } from '../../services/runtime/ports.ts'
import { none } from '../../shared/resources.ts'
import { startEngine } from './engine.ts'
import { startRegistry } from './registry.ts'
import { run as anyRun, type Watched, watch } from './runs.ts'

// A machine under load is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const started = await startEngine()
const engine = typeof started === 'string' ? undefined : started
if (typeof started === 'string') console.warn(`Docker tests are skipped: ${started}`)
const needed = process.env['CI'] !== undefined

describe.skipIf(!engine && !needed)('docker isolation', () => {
  const { socketPath, image, ask, stop } = engine ?? absent
  const opened: Watched[] = []
  const runIds: string[] = []
  let workDir: string

  beforeAll(async () => {
    expect(started, 'CI needs a Docker engine').toBeTypeOf('object')
    workDir = await mkdtemp(join(tmpdir(), 'proffer-docker-'))
  })
  afterEach(async () => {
    const [first] = opened
    for (const { isolation } of opened) await isolation.close({ kill: true })
    opened.length = 0
    if (!first) return
    const sweeper = await open()
    await Promise.all(runIds.splice(0).map((runId) => sweeper.isolation.forget(runId)))
    opened.length = 0
    await sweeper.isolation.close({ kill: false })
  })
  afterAll(async () => {
    await stop()
    await rm(workDir, { recursive: true, force: true })
  })

  const open = async (bounds: Partial<DockerBounds> = {}, more: Partial<DockerOptions> = {}) => {
    const watched = watch(
      await dockerIsolation({ socketPath, workDir, defaultImage: image, bounds, ...more }),
    )
    opened.push(watched)
    return watched
  }
  /** Several test runs may share an engine: the names of their containers must differ. */
  const run = (command: string | readonly string[], more: Partial<Run> = {}): Run => {
    const made = anyRun(command, { resources: small, ...more })
    const named = { ...made, runId: more.runId ?? `test-${process.pid}-${made.runId}` }
    runIds.push(named.runId)
    return named
  }
  const inspect = async (runId: string) => ask('GET', `/containers/proffer-${runId}/json`)

  it('tells how a run ended', async () => {
    const { finish } = await open()
    const outcomes = await Promise.all(
      ['exit 0', 'exit 3', 'exit 127', 'kill -SEGV $$'].map((line) => finish(run(line))),
    )
    expect(outcomes).toEqual([
      { exitCode: 0 },
      { reason: 'exit-code', message: 'exit code 3', exitCode: 3 },
      { reason: 'exit-code', message: 'exit code 127', exitCode: 127 },
      { reason: 'signal', message: 'ended by SIGSEGV (segmentation fault)', signal: 'SIGSEGV' },
    ])
  })

  it('says what cannot be started, and why', async () => {
    const { finish } = await open()
    const [missing, folder] = await Promise.all([finish(run(['no-such-program'])), finish(run(['/etc']))])
    expect(missing).toEqual({
      reason: 'command-not-found',
      message: 'command not found in the image: no-such-program',
    })
    expect(folder?.reason).toBe('isolation-failed')
    expect(folder?.message).toMatch(/^\/etc cannot be started: .*denied/i)
  })

  it('refuses what no engine could run', async () => {
    const { finish } = await open()
    const tooSmall = await finish(run(['true'], { resources: { ...none, memMb: 5 } }))
    expect(tooSmall).toMatchObject({ reason: 'bad-task', message: expect.stringContaining('at least 6 MiB') })
    expect(await finish(run(['true'], { container: { image: 'Not An Image' } }))).toMatchObject({
      reason: 'bad-task',
    })
    expect(await finish({ ...run([]), runId: '../x' })).toMatchObject({ reason: 'bad-task' })
    runIds.pop()
  })

  it('hands over arguments and environment as they are, and nothing of its own', async () => {
    process.env['PROFFER_TEST_SECRET'] = 'key'
    const nasty = ["it's", '"', '$HOME', '`id`', '\\', 'a\nb', '', 'żółw 🐢']
    const { finish, text } = await open()
    const asked = run(['sh', '-c', 'for a; do echo "[$a]"; done; echo "{$V}"; env', 'sh', ...nasty], {
      env: { FROM_SLAVE: 'yes', V: 'slave' },
    })
    const outcome = await finish({ ...asked, command: { ...asked.command, env: { V: "a'b\nc" } } })
    expect(outcome).toEqual({ exitCode: 0 })
    const written = await text(asked.runId)
    expect(written).toContain(`${nasty.map((word) => `[${word}]`).join('\n')}\n{a'b\nc}\n`)
    expect(written).toContain('FROM_SLAVE=yes')
    expect(written).not.toContain('SECRET')
    delete process.env['PROFFER_TEST_SECRET']
  })

  it('caps the CPU: a hog with a quarter of one gets a quarter', async () => {
    const { finish, text } = await open()
    // Nanoseconds in cgroup v1, microseconds in v2; the loop burns all that it gets for three seconds.
    const hog = run(
      `
      usage() { cat /sys/fs/cgroup/cpuacct/cpuacct.usage /sys/fs/cgroup/cpu,cpuacct/cpuacct.usage 2>/dev/null |
        head -n 1 | grep . || echo $(($(grep usage_usec /sys/fs/cgroup/cpu.stat | grep -o '[0-9]*') * 1000)); }
      before=$(usage); read from rest </proc/uptime
      until read now rest </proc/uptime; [ \${now%.*} -ge $((\${from%.*} + 4)) ]; do :; done
      echo $before $(usage) $from $now`,
      { resources: { ...small, cpuMilli: 250 } },
    )
    expect(await finish(hog)).toEqual({ exitCode: 0 })
    const [before = 0, after = 0, from = 0, now = 0] = (await text(hog.runId)).trim().split(' ').map(Number)
    const cpus = (after - before) / 1e9 / (now - from)
    expect(cpus).toBeGreaterThan(0.1)
    expect(cpus).toBeLessThan(0.35)
  })

  it('ends a run that wants more memory than it has', async () => {
    const { finish } = await open()
    const [hog, survivor] = await Promise.all([
      finish(run(['tail', '/dev/zero'], { resources: { ...small, memMb: 16 } })),
      finish(run('tail /dev/zero; exit 0', { resources: { ...small, memMb: 16 } })),
    ])
    expect(hog).toEqual({
      reason: 'memory-limit',
      message: 'it wanted more than its 16 MiB of memory',
      signal: 'SIGKILL',
    })
    expect(survivor).toEqual({ exitCode: 0 })
  })

  it('takes away what a run need not be able to do', async () => {
    const { finish, text } = await open({ pidsLimit: 20 })
    const asked = run('grep -E "^(Cap(Prm|Eff|Bnd)|NoNewPrivs)" /proc/self/status; ls /sys/class/net', {
      labels: { framework: '7-F1' },
    })
    await finish(asked)
    expect((await text(asked.runId)).replaceAll(/\s+/g, ' ')).toContain(
      'CapPrm: 0000000000000000 CapEff: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1 ',
    )
    expect(await text(asked.runId)).not.toContain('eth')
    const { Config, HostConfig } = JSON.parse((await inspect(asked.runId)).body)
    expect(Config.Labels).toEqual({
      'proffer.framework': '7-F1',
      'proffer.run': asked.runId,
      'proffer.workdir': workDir,
    })
    expect(HostConfig).toMatchObject({ NetworkMode: 'none', AutoRemove: false, Privileged: false })
    const bomb = run('i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i+1)); done')
    expect(await finish(bomb)).toMatchObject({ reason: 'exit-code' })
    expect(await text(bomb.runId, 'stderr')).toMatch(/fork/)
  })

  it('stops a run politely, and the whole group of its command', async () => {
    const { isolation, ended, wrote, text } = await open()
    const asked = run(`trap "echo bye; exit 7" TERM
      (trap "echo child; exit" TERM; echo ready; while :; do sleep 0.01; done) & wait $!; wait`)
    isolation.start(asked)
    await wrote(asked.runId, 'ready')
    isolation.stop(asked.runId, 600)
    expect(await ended(asked.runId)).toMatchObject({ reason: 'kill-requested', exitCode: 7 })
    expect(await text(asked.runId)).toContain('bye')
  })

  it('kills what does not listen, after its grace', async () => {
    const { isolation, ended, wrote } = await open()
    const asked = run('trap "" TERM; echo ready; while :; do sleep 1000; done')
    isolation.start(asked)
    await wrote(asked.runId, 'ready')
    isolation.stop(asked.runId, 1000)
    isolation.stop(asked.runId, 0.1)
    expect(await ended(asked.runId)).toMatchObject({ reason: 'kill-requested', signal: 'SIGKILL' })
  })

  it('starts a few at once, lets the others wait, and turns away what is too many', async () => {
    const { isolation, ended, events } = await open({ maxConcurrentStarts: 1, maxQueuedStarts: 3 })
    const asked = Array.from({ length: 6 }, () => run(['true']))
    for (const one of asked) isolation.start(one)
    const [, , stopped] = asked
    if (stopped) isolation.stop(stopped.runId, 0)
    const outcomes = await Promise.all(asked.map(({ runId }) => ended(runId)))
    expect(outcomes.map(({ reason }) => reason)).toEqual([
      undefined,
      undefined,
      'kill-requested',
      undefined,
      'isolation-failed',
      'isolation-failed',
    ])
    expect(events.filter(({ type }) => type === 'run.ended')).toHaveLength(6)
  })

  it('pulls an image that is missing, and tells how far it is', async () => {
    const registry = await startRegistry()
    const { finish, events } = await open({ progressMs: 0 })
    const name = `${registry.address}/test/hello`
    const asked = run(['/hello'], { container: { image: name } })
    const outcomes = await Promise.all([
      finish(asked),
      finish(run(['/hello'], { container: { image: name } })),
    ])
    // It holds an empty file: that it cannot be run shows that it was there.
    for (const { reason } of outcomes) expect(reason).toBe('isolation-failed')
    const told = events.flatMap((event) => (event.type === 'run.progress' ? [event.message] : []))
    expect(told[0]).toBe(`pulling ${name}`)
    expect(told.at(-1)).toMatch(/^pulling .*: [\d.]+ of [\d.]+ MB, \d+ of \d+ layers$/)
    await ask('DELETE', `/images/${encodeURIComponent(`${name}:latest`)}?force=true`)
    registry.close()
  })

  it('says so when an image cannot be had, also when that shows only half-way', async () => {
    const registry = await startRegistry('layer')
    const { finish } = await open()
    const [nowhere, broken] = await Promise.all(
      ['proffer.invalid/no-such:1', `${registry.address}/test/broken:1`].map((name) =>
        finish(run(['true'], { container: { image: name } })),
      ),
    )
    expect(nowhere?.reason).toBe('image-not-found')
    expect(nowhere?.message).toMatch(
      /^the image proffer\.invalid\/no-such:1 is not on this slave and cannot be pulled: \S/,
    )
    expect(broken?.reason).toBe('image-not-found')
    registry.close()
  })

  it('keeps stdout and stderr apart, and its offsets true', async () => {
    const { isolation, finish, text } = await open({ logMaxBytes: 64 * 1024 })
    const asked = run(
      'yes 0123456 | head -n 40000; echo oops >&2; for i in 1 2 3 4 5 6 7 8; do printf $i; done',
    )
    expect(await finish(asked)).toEqual({ exitCode: 0 })
    expect(await text(asked.runId, 'stderr')).toBe('oops\n')
    const size = 40_000 * 8 + 8
    const first = await isolation.readLog(asked.runId, 'stdout', 0, 8)
    expect(first.size).toBe(size)
    expect(first.offset).toBeGreaterThan(0)
    const middle = await isolation.readLog(asked.runId, 'stdout', size - 24, 24)
    expect(Buffer.from(middle.bytes).toString()).toBe('0123456\n0123456\n12345678')
    const kept = await Promise.all(
      ['stdout', 'stdout.1'].map((name) => stat(join(workDir, asked.runId, name))),
    )
    expect(kept.reduce((sum, file) => sum + file.size, 0)).toBeLessThanOrEqual(64 * 1024)
  })

  it('goes on when the connection to the engine breaks', async () => {
    const proxy = await startProxy(socketPath, join(workDir, 'proxy.sock'))
    const { isolation, ended, wrote, text, events } = await open(
      { retryMs: 10 },
      { socketPath: proxy.socketPath },
    )
    const asked = run('echo ready; trap "echo bye; exit 4" TERM; while :; do sleep 0.01; done')
    isolation.start(asked)
    await wrote(asked.runId, 'ready')
    proxy.cut()
    isolation.stop(asked.runId, 600)
    expect(await ended(asked.runId)).toMatchObject({ reason: 'kill-requested', exitCode: 4 })
    expect(await text(asked.runId)).toBe('ready\nbye\n')
    expect(events.filter(({ type }) => type === 'run.ended')).toHaveLength(1)
    await isolation.close({ kill: true })
    proxy.close()
  })

  it('lets go of what runs when it closes without killing', async () => {
    const { isolation, started } = await open()
    const asked = run('sleep 1000')
    isolation.start(asked)
    await started(asked.runId)
    await isolation.close({ kill: false })
    expect(JSON.parse((await inspect(asked.runId)).body).State.Running).toBe(true)
  })

  it('forgets container and sandbox', async () => {
    const { isolation, finish } = await open()
    const asked = run(['true'])
    await finish(asked)
    expect((await inspect(asked.runId)).status).toBe(200)
    await isolation.forget(asked.runId)
    expect((await inspect(asked.runId)).status).toBe(404)
    expect(await readdir(workDir)).not.toContain(asked.runId)
  })

  it('says so when a sandbox cannot be made', async () => {
    const file = join(workDir, 'file')
    await writeFile(file, '')
    const { finish } = await open({}, { workDir: file })
    expect(await finish(run(['true']))).toMatchObject({ reason: 'isolation-failed' })
  })

  it('reports how it stands with the engine', async () => {
    expect(await checkDocker({ socketPath })).toMatchObject({
      reachable: true,
      version: expect.stringMatching(/^\d/),
      apiVersion: expect.stringMatching(/^1\.\d+$/),
      cgroupVersion: expect.stringMatching(/^[12]$/),
      warnings: expect.any(Array),
    })
  })
})

it('says so when no engine answers', async () => {
  const report = await checkDocker({ socketPath: '/nowhere/docker.sock' })
  expect(report).toMatchObject({
    reachable: false,
    message: expect.stringMatching(/^no Docker engine answers/),
  })
})

it('takes a warning for what it is', () => {
  const swap =
    'Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.'
  expect(droppedLimit([swap])).toEqual({
    reason: 'isolation-failed',
    message: `the engine cannot keep a limit: ${swap}`,
  })
  expect(
    droppedLimit(['Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.']),
  ).toBeDefined()
  expect(droppedLimit(['IPv4 forwarding is disabled. Networking will not work.'])).toBeUndefined()
})

const small = { ...none, cpuMilli: 1000, memMb: 32 }
const absent = {
  socketPath: '',
  image: '',
  ask: async () => ({ status: 0, body: '' }),
  stop: async () => {},
}

/** A socket in front of the engine's whose connections can all be cut at once. */
async function startProxy(target: string, socketPath: string) {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    }
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return {
    socketPath,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    close: () => server.close(),
  }
}
