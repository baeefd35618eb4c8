/** Process isolation with real processes, by either launcher. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, watch as watchFiles } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { findLauncher, type LauncherKind } from '../../services/runtime/isolation/launcher.ts'
import { processIsolation } from '../../services/runtime/isolation/processes.ts'
import type { ProcessOptions } from '../../services/runtime/isolation/processOptions.ts'
import { volumeFolder } from '../../services/runtime/isolation/volumes.ts'
import { compiled } from '../install.ts'
import { run, type Watched, watch } from './runs.ts'

// A machine under load is slow, not wrong.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let base: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'proffer-processes-'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

it('finds the launcher that the machine has', () => {
  expect(findLauncher('/nowhere:/nowhere/else')).toBe('shell')
})

const kinds: LauncherKind[] = ['perl', 'shell']
describe.each(kinds)('process isolation, %s launcher', (launcher) => {
  const opened: Watched[] = []
  const open = (more: Partial<ProcessOptions> = {}): Watched => {
    const watched = watch(processIsolation({ workDir: join(base, launcher, 'work'), launcher, ...more }))
    opened.push(watched)
    return watched
  }
  afterEach(async () => {
    for (const { isolation } of opened.splice(0)) await isolation.close({ kill: true })
  })

  it('tells how a run ended', async () => {
    const { finish } = open()
    expect(await finish(run('exit 0'))).toEqual({ exitCode: 0 })
    expect(await finish(run('exit 3'))).toEqual({ reason: 'exit-code', message: 'exit code 3', exitCode: 3 })
    expect(await finish(run('exit 127'))).toMatchObject({ reason: 'exit-code', exitCode: 127 })
    expect(await finish(run('exit 126'))).toMatchObject({ reason: 'exit-code', exitCode: 126 })
    expect(await finish(run('exit 255'))).toMatchObject({ reason: 'exit-code', exitCode: 255 })
    expect(await finish(run('kill -SEGV $$'))).toEqual({
      reason: 'signal',
      message: 'ended by SIGSEGV (segmentation fault)',
      signal: 'SIGSEGV',
    })
    expect(await finish(run('kill -KILL $$'))).toMatchObject({ reason: 'signal', signal: 'SIGKILL' })
  })

  it('says what cannot be started, and why', async () => {
    const { finish, events } = open()
    expect(await finish(run(['no-such-program', 'x']))).toEqual({
      reason: 'command-not-found',
      message: 'command not found: no-such-program',
    })
    expect(await finish(run(['']))).toMatchObject({ reason: 'command-not-found' })
    expect((await finish(run(['x'.repeat(100_000)]))).message?.length).toBeLessThan(1100)
    const denied = await finish(run(['/etc/passwd']))
    expect(denied.reason).toBe('isolation-failed')
    expect(denied.message).toMatch(/^\/etc\/passwd cannot be started: \S/)
    expect(events.filter((event) => event.type === 'run.started')).toEqual([])
  })

  it('refuses what no slave of its kind could run', async () => {
    const { finish } = open()
    const reasonOf = async (more: Parameters<typeof run>[1], command: string[] = ['true']) =>
      (await finish(run(command, more))).reason
    expect(await finish(run(['true'], { container: { image: 'busybox' } }))).toEqual({
      reason: 'bad-task',
      message: 'this slave runs plain processes; containers need --isolation docker',
    })
    for (const runId of ['', '.', '..', '../escape', 'a/b', 'a b', "a'b", 'a\nb', 'a'.repeat(129)])
      expect(await reasonOf({ runId })).toBe('bad-task')
    for (const name of ['', 'A=B', '-S', 'A B', 'A\0'])
      expect(await reasonOf({ env: { [name]: 'x' } })).toBe('bad-task')
    expect(await reasonOf({ command: {} })).toBe('bad-task')
    expect(await reasonOf({}, ['echo', 'a\0b'])).toBe('bad-task')
    expect(await readdir(join(base, launcher))).toEqual(['work'])
  })

  it('hands over arguments and environment as they are', async () => {
    const nasty = [
      "it's",
      '"',
      '$HOME',
      '`id`',
      '$(id)',
      '\\',
      'a\nb',
      '',
      ' ',
      '*',
      ';id',
      '&',
      '-n',
      'żółw 🐢',
      '\x81\x88\xff',
      "'; id; '",
    ]
    const print = 'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env]))'
    const { finish, text } = open()
    const asked = run([process.execPath, '-e', print, '--', ...nasty], {
      env: { FROM_SLAVE: "a'b\nc", BOTH: 'slave', IFS: 'x', RANDOM: 'r', PPID: '1' },
    })
    const env = { ...Object.fromEntries(nasty.map((value, i) => [`V${i}`, value])), BOTH: 'command' }
    const mixed = { ...asked, command: { ...asked.command, env } }
    expect(await finish(mixed)).toEqual({ exitCode: 0 })
    const [argv, seen] = JSON.parse(await text(asked.runId))
    expect(argv).toEqual(nasty)
    expect(seen).toMatchObject({ ...env, FROM_SLAVE: "a'b\nc" })
    if (launcher === 'perl') expect(seen).toMatchObject({ IFS: 'x', PPID: '1', RANDOM: 'r' })
  })

  it('takes long arguments, and says so when the system does not', async () => {
    const { finish, text } = open()
    const long = run(['printf', '%s', 'x'.repeat(100_000)])
    expect(await finish(long)).toEqual({ exitCode: 0 })
    expect(await text(long.runId)).toHaveLength(100_000)
    const tooLong = await finish(run(['printf', '%s', 'x'.repeat(140_000)]))
    expect(tooLong.reason).toBe('isolation-failed')
  })

  it('puts volumes where the run wants them, and leaves them alone when it is forgotten', async () => {
    const { isolation, finish } = open()
    const [db, logs] = ['db', 'logs'].map((id) => volumeFolder(join(base, launcher, 'work'), id))
    for (const folder of [db, logs]) await mkdir(folder ?? '', { recursive: true })
    const asked = run('echo one >data/file; echo two >var/deep/log/file', {
      volumes: [
        { volumeId: 'db', path: 'data' },
        { volumeId: 'logs', path: 'var/deep/log' },
      ],
    })
    expect(await finish(asked)).toEqual({ exitCode: 0 })
    await isolation.forget(asked.runId)
    expect(existsSync(join(base, launcher, 'work', asked.runId))).toBe(false)
    expect(await readFile(join(db ?? '', 'file'), 'utf8')).toBe('one\n')
    expect(await readFile(join(logs ?? '', 'file'), 'utf8')).toBe('two\n')
  })

  it('does not start a run whose volume cannot be put there', async () => {
    const { finish } = open()
    const volumes = [{ volumeId: 'db', path: 'stdout/data' }]
    expect(await finish(run('true', { volumes }))).toMatchObject({ reason: 'isolation-failed' })
  })

  it('gives a run nothing of its own environment, an empty stdin and the sandbox to work in', async () => {
    process.env['PROFFER_TEST_SECRET'] = 'key'
    const { finish, text } = open()
    const asked = run('env; echo "in $(pwd)"; wc -c; ls /proc/self/fd | tr "\\n" " "')
    expect(await finish(asked)).toEqual({ exitCode: 0 })
    const sandbox = join(base, launcher, 'work', asked.runId)
    const lines = (await text(asked.runId)).split('\n')
    const names = lines.filter((line) => line.includes('=')).map((line) => line.split('=')[0])
    const ofTheShell = new Set(['PWD', 'OLDPWD', 'SHLVL', '_'])
    expect(names.filter((name) => !ofTheShell.has(name ?? '')).sort()).toEqual([
      'HOME',
      'LANG',
      'PATH',
      'PROFFER_SANDBOX',
      'TMPDIR',
    ])
    expect(lines).toContain(`in ${sandbox}`)
    expect(lines).toContain(`PROFFER_SANDBOX=${sandbox}`)
    expect(lines).toContain('0')
    // Whoever started these tests may have left something open: nothing else may be.
    const inherited = spawnSync('ls', ['/proc/self/fd']).stdout.toString()
    expect(lines.at(-1)).toBe(inherited.replaceAll('\n', ' '))
    delete process.env['PROFFER_TEST_SECRET']
  })

  it('stops a run politely: SIGTERM to all of its group', async () => {
    const { isolation, ended, wrote } = open()
    const asked = run(
      'trap "echo bye; exit 7" TERM; (trap "echo child; exit" TERM; echo ready; while :; do sleep 0.01; done) & wait',
    )
    isolation.start(asked)
    await wrote(asked.runId, 'ready')
    isolation.stop(asked.runId, 600)
    expect(await ended(asked.runId)).toEqual({
      reason: 'kill-requested',
      message: 'ended on request with exit code 7',
      exitCode: 7,
    })
  })

  it('kills what does not listen, after its grace', async () => {
    const { isolation, ended, wrote } = open()
    const asked = run('trap "" TERM; echo ready; while :; do sleep 1000; done')
    isolation.start(asked)
    await wrote(asked.runId, 'ready')
    isolation.stop(asked.runId, 1000)
    isolation.stop(asked.runId, 0.05)
    expect(await ended(asked.runId)).toMatchObject({ reason: 'kill-requested', signal: 'SIGKILL' })
  })

  it('leaves the rest of a group its grace when the leader ends before it', async () => {
    const { isolation, ended, wrote, text } = open()
    const asked = run(
      '(trap "sleep 0.2; echo tidied; exit" TERM; echo ready; while :; do sleep 0.01; done) & wait',
    )
    isolation.start(asked)
    await wrote(asked.runId, 'ready')
    isolation.stop(asked.runId, 600)
    expect(await ended(asked.runId)).toMatchObject({ reason: 'kill-requested', signal: 'SIGTERM' })
    expect(await text(asked.runId)).toContain('tidied')
  })

  it('leaves nothing over when a leader ends by itself', async () => {
    const { finish, text } = open()
    const asked = run('(trap "" TERM HUP; sleep 1000 & echo $!; wait) & until [ -s stdout ]; do :; done')
    expect(await finish(asked)).toEqual({ exitCode: 0 })
    await gone(Number(await text(asked.runId)))
  })

  it('ends a run that is stopped before it started, once', async () => {
    const { isolation, ended, events } = open()
    const asked = run(['sleep', '1000'])
    isolation.start(asked)
    isolation.stop(asked.runId, 0)
    expect(await ended(asked.runId)).toMatchObject({ reason: 'kill-requested' })
    isolation.stop(asked.runId, 0)
    isolation.stop('never-heard-of', 0)
    expect(events.filter((event) => event.type === 'run.ended')).toHaveLength(1)
  })

  it('starts a thousand at once, and closes each start with one end', async () => {
    const { isolation, ended, events } = open()
    const count = launcher === 'perl' ? 1000 : 100
    const asked = Array.from({ length: count }, () => run(['/bin/true']))
    for (const one of asked) isolation.start(one)
    const outcomes = await Promise.all(asked.map(({ runId }) => ended(runId)))
    expect(outcomes.every(({ exitCode }) => exitCode === 0)).toBe(true)
    expect(events.filter((event) => event.type === 'run.ended')).toHaveLength(count)
    expect(events.filter((event) => event.type === 'run.started')).toHaveLength(count)
  })

  it('opens another launcher when one is lost, and finds the ends that it did not tell', async () => {
    const watched = open({ bounds: { pollMs: 20 } })
    const { isolation, ended, started, finish } = watched
    const asked = run('until [ -e go ]; do sleep 0.01; done')
    isolation.start(asked)
    const pid = await started(asked.runId)
    const waiting = parentOf(pid)
    process.kill(waiting, 'SIGKILL')
    await gone(waiting)
    await writeFile(join(base, launcher, 'work', asked.runId, 'go'), '')
    expect(await ended(asked.runId)).toMatchObject({ reason: 'isolation-failed' })
    expect(await finish(run(['true']))).toEqual({ exitCode: 0 })
  })

  it('bounds logs, and keeps offsets true', async () => {
    const logMaxBytes = 64 * 1024
    const { isolation, ended, started, wrote } = open({ bounds: { pollMs: 5, logMaxBytes } })
    const asked = run(`i=0; while [ $i -lt 30000 ]; do i=$((i+1)); printf "%09d\\n" $i; done; : >done
      until [ -e go ]; do sleep 0.01; done; echo last; sleep 1000`)
    isolation.start(asked)
    await started(asked.runId)
    const sandbox = join(base, launcher, 'work', asked.runId)
    const piece = (offset: number, limit = 10) => isolation.readLog(asked.runId, 'stdout', offset, limit)
    const sizeOf = async (name: string) => (await stat(join(sandbox, name))).size
    while (!existsSync(join(sandbox, 'done')) || (await sizeOf('stdout')) > logMaxBytes / 2) await piece(0)
    const first = await piece(0)
    expect(first.offset).toBeGreaterThan(0)
    expect(first.size).toBeLessThanOrEqual(300_000)
    expect((await sizeOf('stdout')) + (await sizeOf('stdout.1'))).toBeLessThan(150_000)
    await writeFile(join(sandbox, 'go'), '')
    await wrote(asked.runId, 'last')
    const last = await piece(first.size)
    expect(Buffer.from(last.bytes).toString()).toBe('last\n')
    expect(last).toMatchObject({ offset: first.size, size: first.size + 5 })
    expect(await piece(last.size + 5)).toMatchObject({ offset: last.size, size: last.size })
    isolation.stop(asked.runId, 0)
    await ended(asked.runId)
  })

  it('says so when a sandbox cannot be made', async () => {
    const file = join(base, `${launcher}-file`)
    await writeFile(file, '')
    const { finish } = open({ workDir: file })
    const outcome = await finish(run(['true']))
    expect(outcome.reason).toBe('isolation-failed')
    expect(outcome.message).toMatch(/^its sandbox cannot be made: /)
  })

  it('forgets a run that has ended', async () => {
    const { isolation, finish } = open()
    const asked = run('echo hello')
    await finish(asked)
    await isolation.forget(asked.runId)
    expect(existsSync(join(base, launcher, 'work', asked.runId))).toBe(false)
    expect(await isolation.readLog(asked.runId, 'stdout', 0, 10)).toMatchObject({ size: 0 })
    await isolation.forget('..')
    expect(existsSync(base)).toBe(true)
  })

  it('notes the exit of a run whose slave was killed', async () => {
    const workDir = join(base, `${launcher}-survives`)
    const slave = host(workDir, launcher)
    const pid = Number(await firstLine(slave))
    // It is written beside the run, not before it.
    await vi.waitUntil(() => existsSync(join(workDir, 'orphan', 'pid')))
    expect((await readFile(join(workDir, 'orphan', 'pid'), 'utf8')).trim()).toBe(String(pid))
    slave.kill('SIGKILL')
    await new Promise((resolve) => slave.once('exit', resolve))
    const noted = appeared(join(workDir, 'orphan'), 'exit')
    await writeFile(join(workDir, 'orphan', 'go'), '')
    await noted
    expect(readFileSync(join(workDir, 'orphan', 'exit'), 'utf8')).toBe('code 5\n')
  })

  it('lets go of what runs when it closes without killing, and Node can end', async () => {
    const workDir = join(base, `${launcher}-closes`)
    const slave = host(workDir, launcher, 'close')
    await firstLine(slave)
    expect(await new Promise((resolve) => slave.once('exit', resolve))).toBe(0)
    const noted = appeared(join(workDir, 'orphan'), 'exit')
    await writeFile(join(workDir, 'orphan', 'go'), '')
    await noted
    expect(readFileSync(join(workDir, 'orphan', 'exit'), 'utf8')).toBe('code 5\n')
  })
})

/** A Node process of its own that hosts a run, prints its pid, and waits to be killed, or closes. */
function host(workDir: string, launcher: LauncherKind, then = 'wait'): ChildProcess {
  const args = [compiled('integration/processHost'), workDir, launcher, then]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

const firstLine = (child: ChildProcess) =>
  new Promise<string>((resolve) => child.stdout?.once('data', (bytes) => resolve(String(bytes).trim())))

function parentOf(pid: number): number {
  const [, , ppid] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/\(.*\)/, 'x')
    .split(' ')
    .slice(1)
  return Number(ppid)
}

async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
    await new Promise((resolve) => setImmediate(resolve))
}

const appeared = (folder: string, name: string) =>
  new Promise<void>((resolve) => {
    const watcher = watchFiles(folder, () => {
      if (!existsSync(join(folder, name))) return
      watcher.close()
      resolve()
    })
  })
