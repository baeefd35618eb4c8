/** What the operator's command says when something is wrong: with a set-up, with what was written, with the cluster. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { traceHead } from '../../shared/trace.ts'
import { checkout } from '../install.ts'
import { withNats } from './bus-world.ts'
import { Command, type Finished, Shell } from './cli-world.ts'

let shell: Shell

beforeAll(async () => {
  shell = await Shell.open()
  await shell.master('m1').says('m1 leads', 'stderr')
})
afterAll(() => shell.close())

const proffer = (...words: string[]): Promise<Finished> => shell.run(...words)

describe('doctor', () => {
  interface Found {
    readonly ok: boolean
    readonly findings: readonly { check: string; verdict: string; found: string; remedy?: string }[]
  }
  const checks = ({ findings }: Found, verdict: string) =>
    findings.filter((finding) => finding.verdict === verdict).map(({ check }) => check)

  test('a good set-up', async () => {
    const told = await proffer('doctor', '--isolation', 'process', '--work-dir', shell.folder)
    expect(told.stdout).toMatch(
      /^ok {4}connection {3}connected to nats:\/\/127\.0\.0\.1:\d+ \(from NATS_URL\), round trip/,
    )
    expect(told.stdout).toContain('of 16 writers at once, one won')
    expect(told.stdout).toContain('m1 leads cluster main')
    expect(told.code).toBe(0)
    const found = JSON.parse((await proffer('doctor', '--json', '--role', 'operator')).stdout) as Found
    expect(checks(found, 'ok')).toEqual(['connection', 'server', 'payload', 'permissions', 'leader'])
  })

  test('what a master cannot do without', async () => {
    const { code, stdout } = await proffer('doctor', '--role', 'master', '--replicas', '3')
    expect(stdout).toMatch(
      /^fail {2}lease .*\n +-> (update all servers to 2\.9\.21|start that many JetStream servers)/m,
    )
    expect(code).toBe(1)
    expect((await proffer('doctor', '--role', 'master', '--replicas', '2')).stdout).toContain(
      'give an odd --replicas',
    )
  })

  test('a bad one: no JetStream, a user who may too little, a folder that is none', async () => {
    const config = `max_payload: 65536
      authorization { users = [ { user: node, password: pw, permissions: {
        publish: ["proffer.main.master.slave.node-1.>", "proffer.main.trace.>"], subscribe: ["_INBOX.>", "proffer.main.all.>"] } } ] }`
    await withNats(
      async ({ url }) => {
        const as = ['-s', url, '--user', 'node', '--password', 'pw', '--json', '--work-dir', '/dev/null']
        const slaves = await proffer('doctor', '--role', 'slave', '--name', 'node-1', ...as)
        expect(slaves.code).toBe(1)
        const found = JSON.parse(slaves.stdout) as Found
        expect(checks(found, 'fail')).toEqual(expect.arrayContaining(['permissions', 'work dir']))
        expect(checks(found, 'warn')).toContain('payload')
        const remedies = found.findings.map(({ remedy }) => remedy)
        expect(remedies).toContain('allow its user in nats.conf to subscribe: "proffer.main.slave.*.>"')
        expect(slaves.stdout).not.toContain('proffer.main.master.slave.node-1')
        const masters = await proffer('doctor', '--role', 'master', ...as)
        expect(JSON.parse(masters.stdout)).toMatchObject({ ok: false })
        expect(masters.stdout).toMatch(/offers no JetStream|may not make a bucket/)
      },
      { jetstream: false, config },
    )
  })

  test('no bus at all', async () => {
    const { code, stdout } = await proffer('doctor', '-s', 'nats://127.0.0.1:1', '--role', 'operator')
    expect(stdout).toMatch(
      /^fail {2}connection {3}No NATS server answers at nats:\/\/127\.0\.0\.1:1 \(from --server\)/,
    )
    expect(code).toBe(1)
  })
})

describe('one sentence says what is wrong', () => {
  test.concurrent.each<[string[], string]>([
    [['fly'], "unknown command 'fly'"],
    [['help', 'fly'], "unknown command 'fly'"],
    [['help', 'role', 'fly'], "unknown command 'fly'"],
    [['ps', '--fly'], "unknown option '--fly'"],
    [['ps', 'x'], "too many arguments for 'ps'"],
    [['logs'], "missing required argument 'id'"],
    [['ps', '--timeout', 'soon'], '--timeout'],
    [['ps', '--timeout', '0'], 'must be a number of seconds, more than 0 and at most 600'],
    [['ps', '--cluster', ''], '--cluster: an empty name cannot stand in a subject'],
    [['ps', '--context', 'nowhere'], 'NATS context "nowhere" is not known'],
    [['ps', '--server', 'http://x'], 'which is not spoken here'],
    [['ps', '--creds', '/nowhere/a.creds'], 'which cannot be read'],
    [['kill', 'x', '--grace', '-1'], 'must be a number of seconds from 0'],
    [['kill', 'x', '--grace', 'NaN'], 'must be a number of seconds from 0'],
    [['run'], 'run needs a command: proffer run -- echo hello'],
    [['run', '--', ''], 'the command is empty'],
    [['run', '--shell', ''], 'the command is empty'],
    [['run', '--shell', 'true', '--', 'true'], '--shell and a command: give one of them'],
    [['run', '--cpus', '-1', '--', 'true'], '--cpus: cpus is "-1": an amount is never negative'],
    [['run', '--cpus', 'NaN', '--', 'true'], '--cpus: cpus is "NaN": it must be a plain number'],
    [['run', '--mem', '1e99', '--', 'true'], '--mem: mem is "1e99"'],
    [['run', '--instances', '0', '--', 'true'], 'must be a whole number from 1'],
    [['run', '--attribute', 'rack=r1', '--', 'true'], '--attribute: "rack=r1": write a rule as zone:a'],
    [['run', '--max-seconds', 'soon', '--', 'true'], 'must be a number of seconds, more than 0'],
    [['run', '--max-seconds', '0', '--', 'true'], 'must be a number of seconds, more than 0'],
    [['run', '--max-seconds', '-1', '--', 'true'], 'must be a number of seconds, more than 0'],
    [['run', '--network', 'host', '--', 'true'], '--network: it is of a container, so it needs --image'],
    [['run', '--network', 'moon', '--', 'true'], 'Allowed choices are none, host, bridge'],
    [['run', '--env', '1A=x', '--', 'true'], '--env: "1A" is no name of a variable'],
    [['run', '--label', 'x', '--', 'true'], '--label: "x" is not name=value'],
    [['run', '--name', '<10 kB>', '--', 'true'], '--name: it has 10000 characters'],
    [['run', '--role', 'eng//ads', '--', 'true'], '--role: role "eng//ads" has an empty part'],
    [['slave', '--resources', 'cpus:-4'], '--resources: cpus is "-4"'],
    [['slave', '--resources', 'cpus:4;cpus:5'], '--resources: cpus stands twice'],
    [['slave', '--resources', 'ports:[1-99999]'], '--resources: port 99999 is out of range'],
    [['slave', '--attributes', 'rack'], '--attributes: "rack" is not name:value'],
    [['slave', '--reserved', 'ads'], '--reserved: "ads" is no reservation: write it as ads=cpus:1;mem:512'],
    [['slave', '--reserved', 'eng/=cpus:1'], '--reserved: role "eng/" has an empty part'],
    [['slave', '--reserved', 'ads=cpus:-1'], '--reserved: cpus is "-1"'],
    [['slave', '--reserved', 'ads=ports:[1-2]'], 'ports cannot be reserved'],
    [['slave', '--reserved', 'ads=cpus:0'], 'reserves nothing'],
    [['slave', '--reserved', 'a=cpus:1', '--reserved', 'a=mem:1'], 'role a stands twice: give it once'],
    [
      ['slave', '--resources', 'cpus:2', '--reserved', 'a=cpus:1', '--reserved', 'b=cpus:1.5'],
      'in all, and the slave has',
    ],
    [['slave', '--isolation', 'hope'], 'Allowed choices are docker, process'],
    [['slave', '--work-dir', '/dev/null/x'], '--work-dir: its folder cannot be made'],
    [['slave', '--update-retry-seconds', '5', '--update-retry-max-seconds', '1'], 'must not be less than'],
    [['master', '--offer-seconds', 'NaN'], 'offerSeconds is "NaN"; it must be a number of s from 0.05'],
    [['master', '--offer-seconds', '-1'], 'offerSeconds is "-1"'],
    [
      ['master', '--slave-timeout-seconds', '1', '--slave-beat-seconds', '1'],
      'must be more than slaveMissedBeats (3) times',
    ],
    [['master', '--replicas', '9'], 'must be a whole number from 1 to 5'],
    [['master', '--listen', 'here'], 'must be an address and a port, such as 127.0.0.1:9464'],
    [['slave', '--listen', '127.0.0.1:99999'], 'must be an address and a port, such as 127.0.0.1:9464'],
    [['master', '--policy', 'luck'], '--policy: there is no policy luck; there are drf'],
    [
      ['master', '--policies', '/nowhere/mine.js'],
      '--policies: /nowhere/mine.js cannot be loaded: Cannot find module',
    ],
    [['up', '--policy', 'luck'], '--policy: there is no policy luck; there are drf'],
    [['master', '--spread', 'butter'], 'Allowed choices are whole, split'],
    [['master', '--revoke-for', 'me'], 'Allowed choices are guarantee, share, nobody'],
    [['master', '--weights', 'batch'], '--weights: "batch" is no weight'],
    [['master', '--weights', 'batch=0'], 'the weight of role batch is 0'],
    [['role', 'fly'], "unknown command 'fly'"],
    [['role', 'set'], "missing required argument 'role'"],
    [['role', 'set', 'eng'], 'role eng: what is to be set? --weight'],
    [
      ['role', 'set', 'eng', '--weight', '0'],
      '--weight: it is "0"; it must be a plain number from 0.001 to 1000',
    ],
    [['role', 'set', 'eng', '--weight', '-1'], '--weight: it is "-1"'],
    [['role', 'set', 'eng', '--weight', 'NaN'], '--weight: it is "NaN"'],
    [['role', 'set', 'eng', '--weight', '1001'], '--weight: it is "1001"'],
    [['role', 'set', 'eng', '--weight', '1', '--weight', '2'], 'stands twice for one role'],
    [
      ['role', 'set', 'eng', '--limit', 'cpus:1', '--no-limit'],
      '--no-limit: it, or its opposite, stands twice',
    ],
    [['role', 'set', 'eng', '--guarantee', 'ports:[1-9]'], "--guarantee: ports are nobody's share"],
    [['role', 'set', 'eng', '--guarantee', ''], '--guarantee: "" is not name:value: write amounts as'],
    [['role', 'set', 'eng', '--weight', '1', '--and', 'ops'], 'role ops: what is to be set?'],
    [['role', 'set', 'eng', '--weight', '1', '--and', 'eng', '--weight', '2'], 'role eng stands twice'],
    [['role', 'set', 'eng//ads', '--weight', '1'], 'role "eng//ads" has an empty part'],
    [['role', 'set', 'eng.ads', '--weight', '1'], 'role "eng.ads": a part has 1 to 64 letters'],
    [['role', 'unset', 'eng', 'a b'], 'role "a b": a part has 1 to 64 letters'],
    [['role', 'move', 'eng', '/ops'], 'role "/ops" has an empty part'],
    [['explain'], "missing required argument 'framework or task'"],
    [['explain', 'x', '--role', 'a/'], '--role: role "a/" has an empty part'],
    [['explain', 'x', '--cpus=-1'], '--cpus: cpus is "-1": an amount is never negative'],
    [['explain', 'x', '--attribute', 'zone=a'], '--attribute: "zone=a": write a rule as zone:a'],
    [['reserve', 's1', 'eng'], "missing required argument 'amounts'"],
    [['reserve', 's1', 'eng', 'ports:[1-9]'], "reserve: ports are nobody's share"],
    [['unreserve', 's1', 'eng', '4'], 'unreserve: "4" is not name:value'],
    [['reserve', 's1', 'a..b', 'cpus:1'], 'role "a..b"'],
    [['volume', 'create', 's1', 'eng', 'db'], "required option '--size <MiB>' not specified"],
    [['volume', 'create', 's1', 'eng', 'db', '--size', '0'], 'must be a whole number from 1'],
    [['volume', 'destroy', 's1', 'eng', ''], "a volume's name has 1 to 255 characters, not 0"],
    [['trace', '--role', 'king'], '--role: there is no role king'],
    [['trace', '--seconds', '0'], 'must be a number of seconds, more than 0'],
    [['trace', '--keep', '0'], 'must be a number of seconds, more than 0'],
  ])('%j', async (words, complaint) => {
    const written = words.map((word) => (word === '<10 kB>' ? 'n'.repeat(10_000) : word))
    const { code, stdout, stderr } = await proffer(...written)
    expect(stderr).toContain(complaint)
    expect(stderr).toMatch(/^proffer: [^\n]+\n$/)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test.concurrent('nobody leads', async () => {
    const { code, stderr } = await proffer('--cluster', 'empty', 'run', '--', 'true')
    expect(stderr).toBe(
      `proffer: no master leads cluster empty on ${shell.nats.url}: start one with \`proffer master\` or \`proffer up\`\n`,
    )
    expect(code).toBe(1)
  })

  test.concurrent('no bus', async () => {
    const { code, stderr } = await proffer('ps', '-s', 'nats://127.0.0.1:1')
    expect(stderr).toMatch(
      /^proffer: No NATS server answers at .*: start nats-server there, or name another with --server/,
    )
    expect(code).toBe(1)
  })
})

describe('a trace in a file', () => {
  /** In a checkout, for the page is no part of what the tests install. */
  const inCheckout = (...words: string[]) =>
    new Command(checkout, words, { ...process.env, NATS_URL: shell.nats.url })

  test.concurrent.each([
    [['web', '/nowhere/run.trace'], '/nowhere/run.trace cannot be read: it does not exist'],
    [['web', '/'], '/ cannot be read: it is a directory'],
    [['web', '/dev/null/run.trace'], '/dev/null/run.trace cannot be read: not a directory'],
    [['trace', '--save', '/nowhere/run'], '/nowhere/run cannot be written: its folder does not exist'],
  ])('%j', async (words, complaint) => {
    const finished = await inCheckout(...words).finished
    expect(finished).toEqual({ code: 1, stdout: '', stderr: `proffer: ${complaint}\n` })
  })

  test.concurrent.each([
    ['that was cut off', '{"n":1,"ro', 'PATH ends in the middle of a step: it was cut off there.'],
    [
      'with lines of somebody else',
      '{}\nwell\n',
      'PATH: 2 lines left out, for no step of ours stands there.',
    ],
  ])('%s is shown, and the command says so, too', async (what, said, complaint) => {
    const path = join(shell.folder, `${what}.trace`)
    writeFileSync(path, `${JSON.stringify(traceHead)}\n${said}`)
    const web = inCheckout('web', '--port', '0', path)
    shell.adopt(web)
    await web.says('Ctrl-C ends it')
    await web.says('\n', 'stderr')
    const { code, stderr } = await web.stop('SIGINT')
    expect(stderr).toBe(`proffer: ${complaint.replace('PATH', path)}\n`)
    expect(code).toBe(0)
  })
})

test('help: of the command, and with examples of each part of it', async () => {
  const version = await new Command(checkout, ['--version'], process.env).finished
  expect(version).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' })
  const { stdout } = await proffer('--help')
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name = '']) => name)
  expect(commands).toEqual(expect.arrayContaining(['up', 'master', 'slave', 'run', 'ps', 'doctor', 'trace']))
  for (const name of commands.filter((name) => name !== 'help'))
    expect((await proffer('help', name)).stdout, name).toMatch(/\nExamples:\n {2}proffer /)
})

test.each([
  ['role', 'set'],
  ['role', 'unset'],
  ['volume', 'create'],
])('help %s %s is of the command of the command', async (...words) => {
  const { code, stdout, stderr } = await proffer('help', ...words)
  expect(stdout).toMatch(new RegExp(`^Usage: proffer ${words.join(' ')} `))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('masters and slaves wait for a bus that is not there yet, and say so', async () => {
  const early = shell.begin('master', '-s', 'nats://127.0.0.1:1', '--name', 'early')
  await early.says('trying again', 'stderr')
  expect((await early.stop('SIGTERM')).code).toBe(0)
})
