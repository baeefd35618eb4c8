/**
 * A container engine for tests: one that is there (DOCKER_HOST, /var/run/docker.sock), else a dockerd of our own with
 * all of its state in a temporary folder, where we are root and it is installed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

type Headers = Readonly<Record<string, string>>

export interface TestEngine {
  readonly socketPath: string
  /** A small image with busybox in it. */
  readonly image: string
  ask(
    method: string,
    path: string,
    body?: Uint8Array,
    headers?: Headers,
  ): Promise<{ status: number; body: string }>
  stop(): Promise<void>
}

/** An engine, or why there is none. */
export async function startEngine(): Promise<TestEngine | string> {
  const there = socketThere()
  if (there && (await answers(there))) return withImage(there, async () => {})
  if (process.getuid?.() !== 0) return 'no Docker engine answers, and only root could start one'
  for (const more of variants) {
    const own = await startDockerd(more)
    if (own) return withImage(own.socketPath, own.stop)
  }
  return 'no Docker engine answers, and dockerd is not installed or cannot run here'
}

/** The network of the machine is left alone. Not every file system can carry overlays. */
const quiet = ['--iptables=false', '--ip6tables=false', '--bridge=none']
const variants = [quiet, [...quiet, '--storage-driver=vfs']]

function socketThere(): string | undefined {
  const host = process.env['DOCKER_HOST']
  if (host?.startsWith('unix://')) return host.slice('unix://'.length)
  return host === undefined && existsSync('/var/run/docker.sock') ? '/var/run/docker.sock' : undefined
}

const answers = (socketPath: string): Promise<boolean> =>
  ask(socketPath, 'GET', '/_ping').then(
    ({ status }) => status === 200,
    () => false,
  )

async function startDockerd(more: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-engine-'))
  const socketPath = join(folder, 'docker.sock')
  const places = { '--data-root': 'data', '--exec-root': 'exec', '--pidfile': 'pid' }
  const args = Object.entries(places).map(([flag, name]) => `${flag}=${join(folder, name)}`)
  const daemon = spawn('dockerd', [...args, `--host=unix://${socketPath}`, ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // Tests that are broken off leave nothing running.
  process.once('exit', () => daemon.kill())
  const stop = async () => {
    if (daemon.exitCode === null && daemon.signalCode === null && daemon.pid !== undefined) {
      daemon.kill('SIGTERM')
      await once(daemon, 'exit')
    }
    unmountBelow(folder)
    rmSync(folder, { recursive: true, force: true })
  }
  if (await listens(daemon)) return { socketPath, stop }
  await stop()
  return undefined
}

/** Whether it says that it listens, before it ends. */
const listens = (daemon: ChildProcess): Promise<boolean> =>
  new Promise((resolve) => {
    daemon.once('error', () => resolve(false))
    daemon.once('exit', () => resolve(false))
    if (!daemon.stderr) return
    createInterface(daemon.stderr).on('line', (line) => {
      if (line.includes('API listen on')) resolve(true)
    })
  })

function unmountBelow(folder: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  const ours = mounts.map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith(`${folder}/`))
  for (const path of ours.reverse()) execFileSync('umount', ['-l', path])
}

async function withImage(socketPath: string, stop: () => Promise<void>): Promise<TestEngine> {
  const asked: TestEngine['ask'] = (...question) => ask(socketPath, ...question)
  const tar = busyboxTar()
  const image = tar ? 'proffer-test-busybox:1' : 'busybox:latest'
  const from = tar ? 'fromSrc=-&repo' : 'fromImage'
  const made = await asked('POST', `/images/create?${from}=${image.replace(':', '&tag=')}`, tar)
  if (made.status !== 200 || made.body.includes('"error"'))
    throw new Error(`there is no image to test with: ${made.body}`)
  return {
    socketPath,
    image,
    ask: asked,
    stop: async () => {
      if (tar) await asked('DELETE', `/images/${image}?force=true`).catch(() => {})
      await stop()
    },
  }
}

/** A file system with a busybox that needs no libraries, and its commands; undefined when the machine has none. */
function busyboxTar(): Buffer | undefined {
  const found = ['/bin/busybox', '/usr/bin/busybox'].find(isStatic)
  if (found === undefined) return undefined
  const rootfs = mkdtempSync(join(tmpdir(), 'proffer-rootfs-'))
  for (const folder of ['bin', 'tmp', 'etc']) mkdirSync(join(rootfs, folder))
  copyFileSync(found, join(rootfs, 'bin/busybox'))
  for (const name of 'sh sleep echo printf true false cat dd yes head tail grep env ls id'.split(' '))
    symlinkSync('busybox', join(rootfs, 'bin', name))
  const tar = execFileSync('tar', ['-C', rootfs, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 })
  rmSync(rootfs, { recursive: true, force: true })
  return tar
}

/** A program that needs libraries names its loader in the first page. */
function isStatic(path: string): boolean {
  try {
    accessSync(path)
    return !readFileSync(path).subarray(0, 4096).includes('/ld-')
  } catch {
    return false
  }
}

function ask(socketPath: string, method: string, path: string, body?: Uint8Array, headers: Headers = {}) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const asked = request({ socketPath, method, path, headers }, async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response) })
    })
    asked.once('error', reject).end(body)
  })
}
