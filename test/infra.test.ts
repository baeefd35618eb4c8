/** What runs Proffer: its scripts can be read, and its units and files name what is there. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { masterCommand } from '../services/operator/commands/master.ts'
import { slaveCommand } from '../services/operator/commands/slave.ts'
import { stateCommand } from '../services/operator/commands/state.ts'
import { addGlobalFlags } from '../services/operator/flags.ts'
import { atLeast } from '../services/runtime/bus/kvStream.ts'
import { findNatsServer } from '../services/runtime/bus/natsServer.ts'
import { listenOn, plainPage } from '../services/runtime/exporter/listener.ts'
import { token } from '../shared/subjects.ts'
import { connectionTo, testBus } from './integration/bus-world.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const infra = join(root, 'infra')
const read = (path: string) => readFileSync(join(infra, path), 'utf8')
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found)
const assigned = (text: string) => all(text, /^([A-Z]\w*)=/gm)

const commands = new Map([masterCommand(), slaveCommand(), stateCommand()].map((each) => [each.name(), each]))
const globals = addGlobalFlags(new Command())
const optionsOf = (command: string) => [...(commands.get(command)?.options ?? []), ...globals.options]

/** Words that the command would not know. */
function unknownWords([command = '', ...words]: readonly string[]): string[] {
  const known = optionsOf(command).map(({ long }) => long)
  const strange = words.filter((word) => word.startsWith('--') && !known.includes(word))
  return commands.has(command) ? strange : [command, ...strange]
}

describe('scripts', () => {
  const scripts = readdirSync(infra).filter((name) => name.endsWith('.sh'))
  test.each(scripts)('%s can be read by the shell that it names', (name) => {
    const [, shell = ''] = /^#!.*\b(sh|bash)\n/.exec(readFileSync(join(infra, name), 'utf8')) ?? []
    execFileSync(shell, ['-n', join(infra, name)])
  })

  test('.ci/run can be read by bash, and is run as it is', () => {
    execFileSync('bash', ['-n', join(root, '.ci/run')])
    execFileSync('test', ['-x', join(root, '.ci/run')])
  })
})

describe('the users of NATS', () => {
  const write = (...words: string[]) =>
    execFileSync('sh', [join(infra, 'nats-users.sh'), ...words], { encoding: 'utf8' })
  const users = read('nats-users.conf')
  const passwords = [...new Set(all(users, /\$(PROFFER_\w+_PASSWORD)/g))]

  test('are what nats-users.sh writes', () => {
    expect(write()).toBe(users)
  })

  test.each(['a.b', 'node-1.example', 'é > *', 'a"b\\', '$x'])(
    '%s is the token that subjects have for it',
    (name) => {
      if (!name.includes(' '))
        expect(write('-s', name)).toContain(`"proffer.main.master.slave.${token(name)}.*.*"`)
      expect(write('-c', name)).toContain(`"proffer.${token(name)}.master.>"`)
    },
  )

  test.each(['compose.env.example', 'systemd/nats.env.example'])(
    '%s asks for the password of each',
    (file) => {
      expect(assigned(read(file)).filter((name) => name.startsWith('PROFFER_'))).toEqual(passwords)
    },
  )

  test('compose hands the password of each to the servers', () => {
    expect(passwords.filter((name) => !read('compose.yaml').includes(`  ${name}: \${${name}:?`))).toEqual([])
  })
})

describe.each(['master', 'slave'])('proffer-%s.service', (role) => {
  const unit = read(`systemd/proffer-${role}.service`)
  const environment = read(`systemd/${role}.env.example`)
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1]

  test('starts a command that there is, with flags that it has', () => {
    const flags = new RegExp(`^PROFFER_${role.toUpperCase()}_FLAGS=(.*)$`, 'm').exec(environment)?.[1] ?? ''
    const words = `${value('ExecStart')} ${flags}`.split(' ').filter((word) => !word.startsWith('$'))
    expect(words.slice(0, 2)).toEqual(['proffer', role])
    expect(unknownWords(words.slice(1))).toEqual([])
  })

  test('is given variables that it reads', () => {
    const fromFlags = optionsOf(role).flatMap(({ envVar }) => envVar ?? [])
    const ofConnections = ['NATS_URL', 'NATS_USER', 'NATS_PASSWORD', `PROFFER_${role.toUpperCase()}_FLAGS`]
    const known = [...fromFlags, ...ofConnections]
    const named = all(environment, /^(?:# )?([A-Z]\w*)=/gm)
    expect(named.filter((name) => !known.includes(name))).toEqual([])
  })

  test('comes back when it fails, and not when it was asked for wrongly', () => {
    expect(value('Restart')).toBe('on-failure')
    expect(value('RestartPreventExitStatus')).toBe('2')
    expect(value('EnvironmentFile')).toBe(`/etc/proffer/${role}.env`)
    expect(value('NoNewPrivileges')).toBe('yes')
  })
})

test('tasks outlive a slave that systemd stops', () => {
  const unit = read('systemd/proffer-slave.service')
  expect(unit).toMatch(/^KillMode=process$/m)
  expect(unit).toMatch(/^OOMPolicy=continue$/m)
  expect(unit).not.toMatch(/^(Private\w+|Memory\w+|CPU\w+)=/m)
})

test.skipIf(!hasSystemd())('systemd has nothing to say against the units', () => {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-units-'))
  try {
    for (const role of ['master', 'slave']) {
      const file = join(folder, `proffer-${role}.service`)
      // The command is not installed where tests run; a program that is stands in for it.
      const unit = read(`systemd/proffer-${role}.service`).replace(
        'ExecStart=proffer',
        `ExecStart=${process.execPath}`,
      )
      writeFileSync(file, unit)
      const said = execFileSync('sh', ['-c', 'systemd-analyze verify "$1" 2>&1', 'sh', file], {
        encoding: 'utf8',
      })
      expect(said.split('\n').filter((line) => line.includes(folder) || line.startsWith('proffer-'))).toEqual(
        [],
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

describe('compose.yaml', () => {
  const compose = read('compose.yaml')
  const services = all(
    compose.slice(compose.indexOf('\nservices:')).split('\nconfigs:')[0] ?? '',
    /^ {2}([\w-]+):$/gm,
  )

  test('has three servers, two masters, three slaves, and an operator', () => {
    const three = (name: string) => [1, 2, 3].map((n) => `${name}-${n}`)
    expect(services).toEqual([...three('nats'), 'master-1', 'master-2', ...three('slave'), 'proffer'])
  })

  test('runs commands that there are, with flags that they have', () => {
    const lines = all(compose, /^ +command: (\[.*\])$/gm).map((words): string[] => JSON.parse(words))
    const ours = lines.filter(([program]) => program !== 'nats-server')
    expect(ours.map(([command]) => command).sort()).toEqual(['master', 'slave', 'slave', 'slave', 'state'])
    expect(ours.flatMap(unknownWords)).toEqual([])
  })

  test('names files that there are, and images without a registry', () => {
    expect(all(compose, /file: \.\/(\S+)/g).filter((path) => !existsSync(join(infra, path)))).toEqual([])
    expect(all(compose, /image: (\S+)/g).filter((image) => image.includes('/'))).toEqual([])
  })

  test('waits for a leader that gives its lease back', () => {
    expect(compose.match(/stop_grace_period: /g)).toHaveLength(2)
    expect(compose.match(/healthcheck:/g)).toHaveLength(3)
  })
})

test.each([
  [200, 'm1 leads', 0],
  [503, 'm1 does not reach NATS', 1],
])('healthy.sh exits with what /readyz says: %i', async (status, sentence, code) => {
  const listener = await listenOn(
    { host: '127.0.0.1', port: 0 },
    { '/readyz': () => plainPage(status, sentence) },
  )
  const env = { PATH: process.env['PATH'], PROFFER_LISTEN: new URL(listener.url).host }
  const script = spawn('sh', [join(infra, 'healthy.sh')], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [exit]] = await Promise.all([text(script.stdout), once(script, 'exit')])
  expect([said, exit]).toEqual([`${sentence}\n`, code])
  await listener.close()
})

test('Prometheus scrapes each master and slave of compose.yaml where they listen', () => {
  const compose = read('compose.yaml')
  const [, port] = /PROFFER_LISTEN: ":(\d+)"/.exec(compose) ?? []
  const roles = [...new Set(all(compose, /^ {2}((?:master|slave)-\d):$/gm))]
  const targets = all(read('prometheus.yml'), /targets: \[(.+)\]/g).flatMap((list) => list.split(', '))
  expect(targets).toEqual(roles.map((name) => `${name}:${port}`))
})

test('the image is made of files that there are and that are sent to the engine', () => {
  const copied = all(read('Dockerfile'), /^COPY (?!--from)(.+) \S+$/gm).flatMap((paths) => paths.split(' '))
  const sent = all(readFileSync(join(root, '.dockerignore'), 'utf8'), /^!(\S+)$/gm)
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([])
  expect(copied.filter((path) => !sent.some((each) => path === each || path.startsWith(`${each}/`)))).toEqual(
    [],
  )
})

test('three servers with nats-cluster.conf are one bus, which keeps a lease', async ({ skip }) => {
  const program = await findNatsServer(process.env)
  if (program.kind !== 'binary') return skip('nats-server is here as an image alone')
  const folder = mkdtempSync(join(tmpdir(), 'proffer-cluster-'))
  const configs = ['nats.conf', 'nats-cluster.conf', 'nats-users.conf']
  for (const name of configs) copyFileSync(join(infra, name), join(folder, name))
  const [ports, routes] = [await freePorts(3), await freePorts(3)]
  const secrets = assigned(read('systemd/nats.env.example')).map((name) => [name, `s-${name}`])
  const urls = routes.map((port) => `nats://route:s-NATS_ROUTE_PASSWORD@127.0.0.1:${port}`)
  const servers = ports.map((port, index) => {
    const env = { NATS_SERVER_NAME: `nats-${index + 1}`, NATS_STORE_DIR: join(folder, `${index}`) }
    const listen = ['-a', '127.0.0.1', '-p', `${port}`, '--cluster', `nats://127.0.0.1:${routes[index]}`]
    return spawn(program.path, ['-c', join(folder, 'nats-cluster.conf'), ...listen, '-m', '0'], {
      env: { ...Object.fromEntries(secrets), ...env, NATS_ROUTES: JSON.stringify(urls) },
      stdio: 'ignore',
    })
  })
  try {
    const server = ports.map((port) => `127.0.0.1:${port}`).join(',')
    const given = { user: 'master', password: 's-PROFFER_MASTER_PASSWORD', inboxPrefix: '_INBOX.master' }
    // Servers that have not met yet do not answer at all.
    const patience = { waitForServer: true, bucketTimeoutMs: 1000, bucketOpenMs: 60_000 }
    const { bus } = await testBus(connectionTo(server, given), patience)
    // Replicas are refused where two masters could both be told that they lead.
    const replicas = atLeast(program.version, [2, 9, 21]) ? 3 : 1
    const bucket = await bus.bucket('proffer-main-leader', { replicas, ttlMs: 15_000 })
    expect(await bucket.create('leader', new Uint8Array(1))).toMatchObject({ outcome: 'written' })
    await bus.drain()
  } finally {
    await Promise.all(
      servers.map(async (each) => {
        if (each.exitCode === null && each.kill()) await once(each, 'exit')
      }),
    )
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Ports that nobody listens on: taken together, so that none of them comes twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server, 'listening')
      const address = server.address()
      return typeof address === 'object' && address ? address.port : 0
    }),
  )
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

function hasSystemd(): boolean {
  try {
    execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
