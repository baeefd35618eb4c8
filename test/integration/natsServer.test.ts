import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findNatsServer, NatsServerError, startNatsServer } from '../../services/runtime/bus/natsServer.ts'
import { bytes, testBus, text } from './bus-world.ts'

// A machine under load is slow, not wrong.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'proffer-test-server-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function refusal(promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.catch((error: unknown) => error)
  if (outcome instanceof NatsServerError) return outcome.message
  throw new Error(`not a NatsServerError: ${outcome}`)
}

function script(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${content}\n`)
  chmodSync(path, 0o755)
  return path
}

/** Folders of ours that a server has left in a temporary folder of its own. */
function leftIn(temporary: string): string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('proffer-nats-'))
}

async function linkTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined).resume()
  await once(socket, 'connect')
  return socket
}

test('serves, keeps its store, and stops without leaving anything', async () => {
  const temporary = mkdtempSync(join(folder, 'tmp-'))
  vi.stubEnv('TMPDIR', temporary)
  const storeDir = join(folder, 'deep', 'store')
  const first = await startNatsServer({ storeDir })
  expect(first.version).toMatch(/^\d+\.\d+\.\d+/)
  expect(leftIn(temporary)).toHaveLength(1)
  const { bus } = await testBus(first.url)
  const bucket = await bus.bucket('kept', { replicas: 1 })
  await bucket.create('key', bytes('value'))
  await bus.drain()
  await first.stop()
  await first.stop()
  expect(() => process.kill(first.pid, 0)).toThrow()
  expect(leftIn(temporary)).toEqual([])

  const second = await startNatsServer({ storeDir, port: first.port })
  expect(second.url).toBe(first.url)
  const again = await testBus(second.url)
  const kept = await (await again.bus.bucket('kept', { replicas: 1 })).read('key')
  expect(kept && text(kept.value)).toBe('value')
  await again.bus.drain()
  await second.stop()
  vi.unstubAllEnvs()
})

test('listens on this machine only', async () => {
  const server = await startNatsServer({ storeDir: join(folder, 'loopback'), jetstream: false })
  expect(server.url).toBe(`nats://127.0.0.1:${server.port}`)
  const elsewhere = connect(server.port, '127.0.0.2')
  const [error] = await once(elsewhere, 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  await server.stop()
})

test('a port in use is one sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const message = await refusal(startNatsServer({ storeDir: join(folder, 'taken'), port }))
  expect(message).toBe(`Port ${port} of 127.0.0.1 is in use: stop what listens there, or choose another port`)
  taken.close()
})

test('a server that will not start is quoted', async () => {
  const started = startNatsServer({ storeDir: join(folder, 'bad'), extraConfig: 'no_such_field: 1' })
  expect(await refusal(started)).toContain('no_such_field')
})

test('a store that cannot be made is told', async () => {
  expect(await refusal(startNatsServer({ storeDir: '/dev/null/store' }))).toContain('/dev/null/store')
})

test('a server that dies by itself is told, and cleaned up after', async () => {
  const server = await startNatsServer({ storeDir: join(folder, 'dies'), jetstream: false })
  server.kill('SIGKILL')
  await server.ended
  await server.stop()
})

test('nothing is left when we are killed', async () => {
  const temporary = mkdtempSync(join(folder, 'killed-'))
  const { parent, url } = await startInChild(temporary)
  const link = await linkTo(url)
  expect(leftIn(temporary)).toHaveLength(1)

  parent.kill('SIGKILL')
  await once(link, 'close')
  await vi.waitFor(() => expect(leftIn(temporary)).toEqual([]), { timeout: 10_000, interval: 20 })
})

/** A process that starts a server, tells its URL, and then waits to be killed. */
async function startInChild(temporary: string): Promise<{ parent: ChildProcess; url: string }> {
  const module = fileURLToPath(new URL('../../services/runtime/bus/natsServer.ts', import.meta.url))
  const main = join(temporary, 'main.mts')
  writeFileSync(
    main,
    `import { startNatsServer } from ${JSON.stringify(module)}
     const server = await startNatsServer({ storeDir: ${JSON.stringify(join(temporary, 'store'))} })
     console.log(server.url)`,
  )
  const parent = spawn(process.execPath, ['--import', 'tsx', main], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = await once(createInterface(parent.stdout), 'line')
  return { parent, url: String(url) }
}

test('NATS_SERVER is taken at its word', async () => {
  const found = await findNatsServer({ NATS_SERVER: script('good', 'echo "nats-server: v2.11.4"') })
  expect(found).toEqual({ kind: 'binary', path: join(folder, 'good'), version: '2.11.4' })
  expect(await refusal(findNatsServer({ NATS_SERVER: join(folder, 'absent') }))).toContain('is not there')
  const unfit = [script('other', 'echo "I am something else"'), script('fails', 'exit 3')]
  const plain = join(folder, 'plain')
  writeFileSync(plain, 'text')
  for (const path of [...unfit, plain, folder]) {
    const message = await refusal(findNatsServer({ NATS_SERVER: path }))
    expect(message).toContain(`NATS_SERVER names ${path}, which is not a nats-server that can be run`)
  }
})

test('PATH is searched first', async () => {
  script('nats-server', 'echo "nats-server: v2.99.0"')
  const found = await findNatsServer({ PATH: `${join(folder, 'absent')}:${folder}` }, { bring: false })
  expect(found).toEqual({ kind: 'binary', path: join(folder, 'nats-server'), version: '2.99.0' })
})
