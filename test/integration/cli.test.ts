/** The operator's command, as a stranger runs it: a real bus, and a master and slaves started by the command itself. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Command, type Finished, Shell } from './cli-world.ts'

let shell: Shell
let master: Command
const slaves: Command[] = []

beforeAll(async () => {
  shell = await Shell.open()
  master = shell.master('m1')
  slaves.push(
    shell.slave('s1', 'cpus:2;mem:512;ports:[31000-31010]', 'rack:r1'),
    shell.slave('s2', 'cpus:1;mem:256', 'rack:r2'),
  )
  await master.says('m1 leads', 'stderr')
  await Promise.all(slaves.map((each, i) => each.says(`slave s${i + 1} is `, 'stderr')))
})
// What slaves run ends with them, so they are asked.
afterAll(async () => {
  await Promise.all(slaves.map((command) => command.stop('SIGTERM')))
  await shell.close()
})

const begin = (...words: string[]): Command => shell.begin(...words)
const proffer = (...words: string[]): Promise<Finished> => shell.run(...words)
const rows = <Row>(...words: string[]): Promise<Row[]> => shell.read(...words)
const untilLetGo = (name: string): string => shell.untilLetGo(name)
const letGo = (name: string): void => shell.letGo(name)

describe('run', () => {
  test.concurrent('one task: its bytes and its code are ours', async () => {
    const line = 'seq 1 30000; printf "no end of line"; echo "to stderr" >&2; exit 3'
    const { code, stdout, stderr } = await proffer('run', '--shell', line)
    expect(code).toBe(3)
    expect(stdout).toBe(`${Array.from({ length: 30_000 }, (_, i) => `${i + 1}\n`).join('')}no end of line`)
    expect(stderr).toBe('to stderr\n')
  })

  test.concurrent('arguments and environment arrive as they are', async () => {
    const { code, stdout } = await proffer(
      ...['run', '--env', 'GREETING=hello = there', '--ports', '1', '--', 'sh', '-c'],
      'echo "$GREETING" "$1" "$PORT" "$PROFFER_INSTANCE"',
      ...['sh', '--server x'],
    )
    expect(stdout).toMatch(/^hello = there --server x 310\d\d 0\n$/)
    expect(code).toBe(0)
  })

  test.concurrent('several: a line each with its name, and the first code that is not 0', async () => {
    const line = 'echo "I am $PROFFER_INSTANCE of $PROFFER_INSTANCES"; [ $PROFFER_INSTANCE != 2 ] || exit 7'
    const { code, stdout, stderr } = await proffer(
      'run',
      '--name',
      'many',
      '--cpus',
      '0.1',
      '--instances',
      '4',
      '--shell',
      line,
    )
    expect(stdout.trim().split('\n').sort()).toEqual([0, 1, 2, 3].map((i) => `many-${i} | I am ${i} of 4`))
    expect(stderr).toContain('task many-2 is failed: exit-code')
    expect(code).toBe(7)
  })

  test.concurrent.each([
    ['a signal', ['--shell', 'kill -9 $$'], 137, 'ended by SIGKILL'],
    ['no such command', ['--', 'no-such-command'], 127, 'command-not-found'],
    [
      'a container where there are none',
      ['--image', 'busybox', '--', 'true'],
      130,
      'no slave runs containers',
    ],
    [
      'more than any slave has',
      ['--mem', '100000', '--', 'true'],
      130,
      'no slave is that large, the largest has 2 CPU',
    ],
    [
      'attributes that no slave has',
      ['--attribute', 'rack:r9', '--', 'true'],
      130,
      'there is no slave of which it is true that rack is r9',
    ],
  ])('%s', async (_what, words, code, told) => {
    const run = begin('run', ...words)
    await run.says(told, 'stderr')
    if (code === 130) run.child.kill('SIGINT')
    expect((await run.finished).code).toBe(code)
  })

  test.concurrent('only on slaves with this attribute', async () => {
    const run = begin('run', '--name', 'placed', '--attribute', 'rack:r2', '--shell', untilLetGo('placed'))
    await run.says('up\n')
    expect(await rows('ps', '--framework', 'placed')).toMatchObject([{ taskId: 'placed', slaveName: 's2' }])
    letGo('placed')
    expect((await run.finished).code).toBe(0)
  })

  test.concurrent('a name that no role may have: which role came of it is said, unless one is given', async () => {
    const named = ['run', '--cpus', '0.1', '--name', 'My Job!', '--', 'true']
    expect(await proffer(...named)).toEqual({
      code: 0,
      stdout: '',
      stderr: 'proffer: its role is My-Job-, since no role may be called "My Job!"; --role names another\n',
    })
    const [run = '', ...others] = named
    expect(await proffer(run, '--role', 'jobs', ...others)).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test.concurrent('Ctrl-C kills what was started, and says so', async () => {
    const run = begin(
      'run',
      '--name',
      'interrupted',
      '--cpus',
      '0.2',
      '--instances',
      '2',
      '--shell',
      untilLetGo('never'),
    )
    await run.says(/-\d \| up\n(?:.*\n)*?.*-\d \| up\n/)
    const { code, stderr } = await run.stop('SIGINT')
    expect(code).toBe(130)
    expect(stderr).toContain('killing what was started')
    const tasks = await rows<{ frameworkName: string; state: string }>('ps', '--all')
    const ours = tasks.filter(({ frameworkName }) => frameworkName === 'interrupted')
    expect(ours.map(({ state }) => state)).toEqual(['killed', 'killed'])
    expect(await rows('frameworks')).not.toMatchObject([{ name: 'interrupted' }])
  })

  test.concurrent('a reader who has seen enough ends it, quietly', async () => {
    const run = begin('run', '--name', 'endless', '--', 'yes')
    await run.says('y\n')
    run.child.stdout?.destroy()
    const { code, stderr } = await run.finished
    expect(stderr).toBe('')
    expect(code).toBe(141)
    // It ends with the task.
    await proffer('logs', '-f', '--stderr', 'endless')
    await vi.waitUntil(async () => !(await proffer('ps')).stdout.includes('endless'), 20_000)
  })
})

describe('looking', () => {
  test('tables for people, JSON for programs', async () => {
    const run = begin(
      'run',
      '--name',
      'seen',
      '--attribute',
      'rack:r1',
      '--label',
      'tier=web',
      '--shell',
      untilLetGo('seen'),
    )
    await run.says('up\n')
    const [ps, list, frameworks, state, task] = await Promise.all(
      [['ps'], ['slaves'], ['frameworks'], ['state'], ['task', 'seen']].map((words) => proffer(...words)),
    )
    expect(ps?.stdout).toMatch(/^FRAMEWORK +TASK +STATE +ROLE +SLAVE +CPUS +MEM +SINCE +REASON\n/)
    expect(ps?.stdout).toMatch(/^seen \(\d+-F\d+\) +seen +running +seen +s1 +0.5 +64 MiB +\d+s +-$/m)
    expect(list?.stdout).toMatch(
      /^s1 \(\d+-S\d+\) +active +process +1 +1.5 of 2 +448 MiB of 512 MiB .*rack:r1$/m,
    )
    expect(frameworks?.stdout).toMatch(
      /^seen \(\d+-F\d+\) +\S+ +seen +suppressed +16.7 % +1 +0 +0.5 CPU, 64 MiB +/m,
    )
    expect(state?.stdout).toMatch(/^leader +m1, for \d/m)
    expect(state?.stdout).toMatch(/^cpus +3 +0.5 +0 +2.5$/m)
    expect(task?.stdout).toContain('state      running: It runs.')

    const [row] = await rows<{ labels: object }>('ps')
    expect(row).toMatchObject({ frameworkName: 'seen', state: 'running', labels: { tier: 'web' } })
    const names = (await rows<{ name: string }>('slaves')).map(({ name }) => name)
    expect(names.sort()).toEqual(['s1', 's2'])
    expect(await rows('state')).toMatchObject({ cluster: 'main', leader: 'm1', slaves: 2, tasks: 1 })
    expect(await rows('task', 'seen')).toMatchObject({ taskId: 'seen', slaveName: 's1' })
    letGo('seen')
    await run.finished
    expect((await proffer('ps')).stdout.trim().split('\n')).toHaveLength(1)
    expect((await proffer('ps', '--all')).stdout).toMatch(/^seen .* finished /m)
  })

  test('offers that stand', async () => {
    const tooLarge = begin(
      'run',
      '--name',
      'greedy',
      '--mem',
      '400',
      '--instances',
      '2',
      '--shell',
      untilLetGo('greedy'),
    )
    await tooLarge.says('| up\n')
    expect((await proffer('offers')).stdout).toMatch(
      /^OFFER +FRAMEWORK +SLAVE +ROLE +RESOURCES +STANDS FOR\n/,
    )
    expect(Array.isArray(await rows('offers'))).toBe(true)
    await tooLarge.says(/asked: 0.5 CPU, 400 MiB; of s\d: .* are missing \(slaves: 2 too-small; /, 'stderr')
    letGo('greedy')
    expect((await tooLarge.finished).code).toBe(0)
  })

  test('the trace, step by step, and saved', async () => {
    const file = join(shell.folder, 'steps.jsonl')
    const trace = begin('trace', '--save', file)
    await trace.says('watching', 'stderr')
    await trace.says(/ slave s1 {2}wake\.beat {2}\[registered\] {2}-> say slave\.beat/)
    await proffer('run', '--name', 'traced', '--attribute', 'rack:r1', '--', 'true')
    await trace.says(/ master m1 {2}offer\.accept .*\[leading\] {2}-> reply ok=true.*; say task\.launch/)
    await trace.says(/ executor s1\.command {2}task\.launch .*\[running\] {2}-> run /)
    const { code, stdout } = await trace.stop('SIGINT')
    expect(code).toBe(0)
    const [head, ...said] = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(head).toEqual({ proffer: 'trace', version: 1 })
    const steps = said.filter((each) => 'heard' in each)
    expect(said.find((each) => 'known' in each)).toMatchObject({ leader: { name: 'm1' } })
    expect(steps).toHaveLength(stdout.trim().split('\n').length)
    expect(steps[0]).toMatchObject({
      n: expect.any(Number),
      role: expect.any(String),
      heard: { type: expect.any(String) },
    })
    const only = await proffer('trace', '--role', 'slave', '--id', 's2', '--seconds', '1.5', '--json')
    const heard = only.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string })
    expect(new Set(heard.map(({ id }) => id))).toEqual(new Set(['s2']))
  })

  test("the trace as Stately's inspector hears it", async () => {
    const trace = begin('trace', '--format', 'stately', '--role', 'slave', '--id', 's1')
    await trace.says(/"@xstate\.snapshot"/)
    const { code, stdout } = await trace.stop('SIGINT')
    expect(code).toBe(0)
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; sessionId: string; definition?: string })
    expect(told[0]).toMatchObject({ type: '@xstate.actor', sessionId: 'slave s1' })
    expect(JSON.parse(told[0]?.definition ?? '')).toMatchObject({ id: 'slave', initial: 'registering' })
    expect(told.filter(({ type }) => type === '@xstate.event').length).toBeGreaterThan(0)
  })
})

describe('acting', () => {
  test('logs, followed to the end and read afterwards', async () => {
    const run = begin(
      'run',
      '--name',
      'talking',
      '--shell',
      `${untilLetGo('talk')}; echo more; echo less >&2`,
    )
    await run.says('up\n')
    const logs = begin('logs', '-f', 'talking')
    await logs.says('up\n')
    letGo('talk')
    expect(await logs.finished).toEqual({ code: 0, stdout: 'up\nmore\n', stderr: '' })
    await run.finished
    expect((await proffer('logs', 'talking')).stdout).toBe('up\nmore\n')
    expect((await proffer('logs', '--stderr', 'talking')).stdout).toBe('less\n')
  })

  test('kill: of two tasks of one name it must be said which', async () => {
    const [one, other] = [twin(), twin()]
    await Promise.all([one.says('up\n'), other.says('up\n')])
    const twins = await rows<{ frameworkId: string; taskId: string }>('ps')
    const [first, second] = twins
      .filter(({ taskId }) => taskId === 'twin')
      .map(({ frameworkId }) => frameworkId)
    const ambiguous = await proffer('kill', 'twin')
    expect(ambiguous.stderr).toMatch(
      /^proffer: 2 tasks are called twin: say which with --framework \S+ \(twin\), or /,
    )
    expect(ambiguous.code).toBe(1)
    const killed = await proffer('kill', 'twin', '--framework', `${first}`, '--grace', '1', '--json')
    expect(JSON.parse(killed.stdout)).toEqual({ ok: true, frameworkId: first, taskId: 'twin' })

    // Whichever of the two it was.
    const end = await Promise.race([one.finished, other.finished])
    expect(end.code).toBe(143)
    expect(end.stderr).toContain('task twin is killed: kill-requested')
    const torn = await proffer('teardown', 'twin')
    expect(torn.stdout).toMatch(`framework twin (${second}) is torn down, 1 task with it`)
    const ends = await Promise.all([one.finished, other.finished])
    expect(ends.map(({ code }) => code).sort()).toEqual([1, 143])
    const late = await proffer('kill', 'twin', '--framework', `${first}`)
    expect(late).toMatchObject({ code: 1, stderr: 'proffer: task twin is over already: it is killed\n' })
  })
  const twin = () => begin('run', '--name', 'twin', '--cpus', '0.2', '--shell', untilLetGo('twin'))

  test('teardown: of two frameworks of one name it must be said which', async () => {
    const both = [1, 2].map(() =>
      begin('run', '--name', 'pair', '--cpus', '0.2', '--shell', untilLetGo('pair')),
    )
    await Promise.all(both.map((run) => run.says('up\n')))
    const refused = await proffer('teardown', 'pair')
    expect(refused.stderr).toMatch(
      /^proffer: 2 frameworks are called pair: say which by its id, \d+-F\d+, \d+-F\d+\n$/,
    )
    letGo('pair')
    await Promise.all(both.map((run) => run.finished))
  })

  test.each([
    [['kill', 'nothing'], 'there is no task nothing: see `proffer ps --all`'],
    [['task', 'nothing', '--framework', 'x'], 'there is no task nothing of framework x'],
    [['logs', 'nothing'], 'there is no task nothing'],
    [['teardown', 'nothing'], 'there is no framework nothing: see `proffer frameworks`'],
  ])('%j', async (words, complaint) => {
    expect(await proffer(...words)).toMatchObject({ code: 1, stderr: expect.stringContaining(complaint) })
  })
})

describe('masters and slaves', () => {
  test('a second master stands by, and leads when the first is stopped', async () => {
    const heir = shell.master('m2')
    const run = begin('run', '--name', 'inherited', '--shell', untilLetGo('inherited'))
    await run.says('up\n')
    expect((await master.stop('SIGTERM')).code).toBe(0)
    await heir.says('m2 leads', 'stderr')
    master = heir
    letGo('inherited')
    expect((await run.finished).code).toBe(0)
    expect(await rows('state')).toMatchObject({ leader: 'm2' })
  })

  test('a slave that is stopped ends well, with what it ran', async () => {
    const extra = shell.slave('s3', 'cpus:1;mem:64', 'rack:r3')
    await extra.says('slave s3 is', 'stderr')
    const file = join(shell.folder, 'alive')
    const run = begin(
      'run',
      '--attribute',
      'rack:r3',
      '--retries',
      '0',
      '--shell',
      `echo $$ > ${file}; ${untilLetGo('never')}`,
    )
    await run.says('up\n')
    expect((await extra.stop('SIGTERM')).code).toBe(0)
    const pid = Number(readFileSync(file, 'utf8'))
    expect(existsSync(`/proc/${pid}`)).toBe(false)
    await run.stop('SIGINT')
  })

  test('a name that is taken is refused', async () => {
    const second = shell.slave('s1', 'cpus:1;mem:64', 'rack:r3')
    await second.says(/another slave|runs here|in use/i, 'stderr')
    expect((await second.finished).code).toBe(1)
  })
})
