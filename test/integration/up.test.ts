/** `proffer up`, as people start it: what it prints, what it exits with, and that nothing of it is left. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { all, Operator } from '../../services/operator/client.ts'
import { addGlobalFlags } from '../../services/operator/flags.ts'
import { upCommand } from '../../services/operator/up/up.ts'
import { connectionTo, startTestNats, testBus } from './bus-world.ts'
import { UpProcess } from './upProcess.ts'

const count = "export LC_ALL=C; tr -cs 'A-Za-z' '\\n' | tr 'A-Z' 'a-z' | sort | uniq -c"
const shell = (line: string, ...words: string[]) =>
  execFileSync('sh', ['-c', line, 'sh', ...words], { encoding: 'latin1' })

let texts = ''
beforeAll(() => {
  texts = mkdtempSync(join(tmpdir(), "proffer test's texts "))
  mkdirSync(join(texts, 'deep', 'er'), { recursive: true })
  writeFileSync(join(texts, 'a'), 'The end of a file may be the middle of a wo')
  writeFileSync(join(texts, 'b'), 'rd. THE END\n'.repeat(500))
  writeFileSync(join(texts, 'deep', 'empty'), '')
  writeFileSync(
    join(texts, 'deep', 'er', 'bytes'),
    Uint8Array.from({ length: 40_000 }, (_, i) => (i * i) % 251),
  )
  symlinkSync('b', join(texts, 'linked'))
  symlinkSync('nowhere', join(texts, 'broken'))
})
afterAll(() => rmSync(texts, { recursive: true, force: true }))

const started: UpProcess[] = []
afterEach(() => {
  for (const each of started.splice(0)) each.remove()
})

function up(words: readonly string[], env?: Readonly<Record<string, string>>): UpProcess {
  const process = new UpProcess(words, env)
  started.push(process)
  return process
}

describe.skipIf(!existsSync('/proc/self/environ'))('proffer up', () => {
  test('counts as the shell does, runs the commands, and leaves nothing', async () => {
    const process = up(['--demo', texts, '--once', '--json', '--slaves', '2'])
    const { code, stdout, stderr } = await process.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { counts, commands, files, skipped, sharing } = JSON.parse(stdout)
    const lines = Object.keys(counts)
      .sort()
      .map((word) => `${String(counts[word]).padStart(7)} ${word}\n`)
    expect(lines.join('')).toBe(
      shell(`find -L "$1" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | (${count})`, texts),
    )
    expect(files).toBe(5)
    expect(skipped).toEqual([`${join(texts, 'broken')}: it does not exist`])
    expect(commands).toHaveLength(40)
    expect(commands.every(({ state }: { state: string }) => state === 'finished')).toBe(true)
    expect(sharing.length).toBeGreaterThan(3)
    expect(sharing.some(({ parts }: Moment) => parts.wordcount.share > 0 && parts.batch.share > 0)).toBe(true)
    await process.leftNothing()
  })

  interface Moment {
    readonly parts: {
      readonly wordcount: { readonly share: number }
      readonly batch: { readonly share: number }
    }
  }

  test('prints what a line for the shell prints, and that line', async () => {
    const process = up(['--demo', texts, '--once', '--slaves', '1'])
    const { code, stdout, stderr } = await process.ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Cluster main is up: a master, and 1 slave of /)
    const byHand = /The same by hand:\n {2}(.*)\n/.exec(stdout)?.[1] ?? ''
    expect(stdout).toContain(`\n\n${shell(byHand)}\nThe same`)
    expect(stdout).toContain('batch: 20 commands, 20 of them finished.')
    expect(stdout).toMatch(/TIME +WORDCOUNT +SHARE +TASKS +BATCH +SHARE +TASKS\n(\d+\.\d s .*%.*%.*\n){4,}/)
    expect(stderr).toMatch(/^ {2}wordcount +(\d+)\/\1 chunks counted$/m)
    expect(stderr).toMatch(/^ {2}batch +20\/20 commands run$/m)
    expect(stderr).not.toMatch(/proffer:|level|Warning/)
    await process.leftNothing()
  })

  test('stays up after its demonstration and says how to reach it, until it is told to stop', async () => {
    const process = up(['--slaves', '1', '--demo', texts, '--json', '--cluster', 'lab'])
    await process.says('stdout', '"sharing"')
    process.signal('SIGTERM')
    const { code, stdout } = await process.ended
    expect(code).toBe(0)
    const [first = ''] = stdout.split('\n')
    expect(JSON.parse(first)).toEqual({
      cluster: 'lab',
      url: expect.stringMatching(/^nats:\/\/127\.0\.0\.1:\d+$/),
      web: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
      slaves: ['slave-1'],
    })
    await process.leftNothing()
  })

  test('is stopped amid its work, however often it is told to', async () => {
    const process = up(['--demo', texts, '--once'])
    await process.says('stderr', 'commands run')
    // Ctrl-C, as npm passes it on.
    process.signal('SIGINT')
    process.signal('SIGINT')
    const { code, stderr } = await process.ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/proffer: SIGINT: stopping\n$/)
    await process.leftNothing()
  })

  test('is stopped while it starts', async () => {
    const process = up([])
    for await (const name of changesIn(process.temporary)) if (name.startsWith('proffer-up-')) break
    process.signal('SIGINT')
    const { code, stderr } = await process.ended
    expect(code, stderr).toBe(0)
    await process.leftNothing()
  })

  test('stops when nobody reads what it says', async () => {
    const process = up(['--demo', texts, '--once', '--slaves', '1'])
    await process.says('stderr', 'commands run')
    process.deafen()
    expect((await process.ended).code).toBe(141)
    await process.leftNothing()
  })

  test('says in a sentence that its nats-server has gone', async () => {
    const process = up(['--isolation', 'process'])
    await process.says('stdout', 'NATS_URL=')
    const server = process.processes().find(({ command }) => /^\S*nats-server /.test(command))
    globalThis.process.kill(server?.pid ?? 0, 'SIGKILL')
    expect(await process.ended).toMatchObject({
      code: 1,
      stderr: `proffer: nats-server (process ${server?.pid}) has ended\n`,
    })
    await process.leftNothing()
  })

  test('goes on without a slave that an operator gives up', async () => {
    const nats = await startTestNats()
    const process = up(['--server', nats.url, '--slaves', '2', '--isolation', 'process'])
    await process.says('stdout', `NATS_URL=${nats.url}`)
    const connection = connectionTo(nats.url)
    const operator = await Operator.connect({ connection, cluster: 'main', user: 'op', timeoutMs: 20_000 })
    const [first, second] = await all(operator.slaves())
    await operator.ask('slave.remove', { slave: first?.slaveId ?? '' })
    await process.says('stderr', `${first?.name} is gone, and the others go on`)
    const left = (await all(operator.slaves())).filter(({ state }) => state === 'active')
    expect(left.map(({ name }) => name)).toEqual([second?.name])
    await operator.close()
    process.signal('SIGTERM')
    expect((await process.ended).code).toBe(0)
    await process.leftNothing()
    await nats.stop()
  })

  test('uses a bus that is there, and leaves it as it was', async () => {
    const nats = await startTestNats()
    const process = up(['--server', nats.url, '--slaves', '1', '--isolation', 'process'])
    await process.says('stdout', `NATS_URL=${nats.url}`)
    process.signal('SIGTERM')
    expect((await process.ended).code).toBe(0)
    await process.leftNothing()
    const { bus } = await testBus(nats.url)
    await bus.flush()
    await bus.drain()
    await nats.stop()
  })
})

describe('what cannot be is told in one sentence', () => {
  const said = async (words: readonly string[], env?: Readonly<Record<string, string>>) => {
    const process = up(words, env)
    const { code, stdout, stderr } = await process.ended
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^proffer: [^\n]+\n$/)
    expect(stderr).not.toContain('mistake of Proffer')
    await process.leftNothing()
    return `${code} ${stderr}`
  }

  test('a port in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    expect(await said(['--port', `${port}`])).toContain(`1 proffer: Port ${port} of 127.0.0.1 is in use`)
    taken.close()
  })

  test('a directory that cannot be read', async () => {
    const absent = join(texts, 'absent')
    expect(await said(['--demo', absent, '--once'])).toBe(
      `1 proffer: ${absent} cannot be read: it does not exist\n`,
    )
    expect(readdirSync(texts)).not.toContain('absent')
  })

  test('a bus that does not answer', async () => {
    expect(await said(['--server', 'nats://127.0.0.1:1', '--isolation', 'process'])).toContain(
      '1 proffer: No NATS server answers',
    )
  })

  test('a nats-server that is none', async () => {
    expect(await said([], { NATS_SERVER: '/dev/null' })).toContain('1 proffer: NATS_SERVER names /dev/null')
  })

  test('Docker where there is none, when all else runs already', async () => {
    const nowhere = { DOCKER_HOST: 'unix:///nowhere/docker.sock' }
    expect(await said(['--isolation', 'docker'], nowhere)).toMatch(/^1 proffer: .*[Dd]ocker/)
  })

  test.each([
    [['--once'], '--once goes with --demo'],
    [['--no-web', '--web-port', '4280'], '--web-port is of the page'],
    [['--port', '4223', '--server', 'nats://127.0.0.1:4222'], '--port is of its own nats-server'],
    [['--demo', '--isolation', 'docker'], '--demo needs --isolation process'],
  ])('%j', async (words, sentence) => {
    const command = addGlobalFlags(upCommand())
    await expect(command.parseAsync(words, { from: 'user' })).rejects.toThrow(sentence)
  })
})

/** What is made in a folder, until nobody wants to know any more. */
async function* changesIn(folder: string): AsyncGenerator<string> {
  const watcher = watch(folder)
  try {
    for (;;) yield String((await once(watcher, 'change'))[1])
  } finally {
    watcher.close()
  }
}
