import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { packageFolder } from '../package.ts'
import type { Environment } from './natsContext.ts'

const run = promisify(execFile)

/** A sentence for whoever wants a server, saying what to do. */
export class NatsServerError extends Error {
  override readonly name = 'NatsServerError'
}

/** A nats-server that can be started here. */
export type NatsProgram =
  | { readonly kind: 'binary'; readonly path: string; readonly version: string }
  | { readonly kind: 'docker'; readonly image: string; readonly version: string }

export interface FindOptions {
  /** Told what is brought before it is brought: it may take a minute. */
  readonly onNote?: (message: string) => void
  /** False finds what is there and brings nothing. */
  readonly bring?: boolean
}

export const natsImage = 'nats:2'

/** Where Debian puts servers, which the path of a plain user leaves out. */
const serverFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/** An answer of `--version` takes milliseconds; a program that thinks about it is not nats-server. */
const versionTimeoutMs = 10_000
/** A package mirror may be slow, but not for longer than this. */
const bringTimeoutMs = 300_000

/** NATS_SERVER (a path), then PATH, then apt-get where we may, then Docker. Throws NatsServerError. */
export async function findNatsServer(env: Environment, options: FindOptions = {}): Promise<NatsProgram> {
  const given = env['NATS_SERVER']
  if (given) return named(given)

  const found = await onPath(env)
  if (found) return found
  if (options.bring === false) throw notFound('nats-server is not on PATH', [])

  const note = options.onNote ?? (() => undefined)
  const refusals: string[] = []
  const brought = (await byPackage(env, note, refusals)) ?? (await byDocker(note, refusals))
  if (brought) return brought
  throw notFound('nats-server is not on PATH and could not be brought', refusals)
}

async function named(path: string): Promise<NatsProgram> {
  const version = await versionOf(path)
  if (version) return { kind: 'binary', path, version }
  const what = existsSync(path) ? 'is not a nats-server that can be run' : 'is not there'
  throw new NatsServerError(
    `NATS_SERVER names ${path}, which ${what}: give the path of nats-server, or unset it`,
  )
}

async function onPath(env: Environment): Promise<NatsProgram | undefined> {
  const folders = [
    ...(env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    ...serverFolders,
  ]
  for (const folder of new Set(folders)) {
    const path = join(folder, 'nats-server')
    const version = existsSync(path) ? await versionOf(path) : undefined
    if (version) return { kind: 'binary', path, version }
  }
  return undefined
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: versionTimeoutMs })
    return /^nats-server: v(\d+\.\d+\.\d+\S*)/m.exec(stdout)?.[1]
  } catch {
    return undefined
  }
}

async function byPackage(
  env: Environment,
  note: (message: string) => void,
  refusals: string[],
): Promise<NatsProgram | undefined> {
  const script = installScript()
  if (!script || !(await runs('apt-get', ['--version']))) return refuse(refusals, 'there is no apt-get')
  if (process.getuid?.() !== 0 && !(await runs('sudo', ['-n', 'true']))) {
    return refuse(refusals, 'apt-get needs root, or sudo without a password')
  }
  note('nats-server is not here: installing it with apt-get')
  try {
    await run('sh', [script], { timeout: bringTimeoutMs })
  } catch (error) {
    return refuse(refusals, `apt-get could not install it (${lastLine(error)})`)
  }
  return (await onPath(env)) ?? refuse(refusals, 'apt-get installed it where it is not found')
}

async function byDocker(
  note: (message: string) => void,
  refusals: string[],
): Promise<NatsProgram | undefined> {
  if (!(await runs('docker', ['version']))) return refuse(refusals, 'no Docker engine answers')
  try {
    if (!(await runs('docker', ['image', 'inspect', natsImage]))) {
      note(`nats-server is not here: pulling the Docker image ${natsImage}`)
      await run('docker', ['pull', '--quiet', natsImage], { timeout: bringTimeoutMs })
    }
    const { stdout } = await run('docker', ['run', '--rm', natsImage, '--version'], {
      timeout: bringTimeoutMs,
    })
    const version = /v(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1]
    if (version) return { kind: 'docker', image: natsImage, version }
    return refuse(refusals, `the Docker image ${natsImage} does not tell its version`)
  } catch (error) {
    return refuse(refusals, `Docker could not bring ${natsImage} (${lastLine(error)})`)
  }
}

async function runs(command: string, words: string[]): Promise<boolean> {
  return run(command, words, { timeout: versionTimeoutMs }).then(
    () => true,
    () => false,
  )
}

function installScript(): string | undefined {
  const path = join(packageFolder, 'infra/install-nats-server.sh')
  return existsSync(path) ? path : undefined
}

function refuse(refusals: string[], why: string): undefined {
  refusals.push(why)
}

function lastLine(error: unknown): string {
  const written = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : ''
  return written.trim().split('\n').at(-1) || (error instanceof Error ? error.message : String(error))
}

function notFound(what: string, refusals: readonly string[]): NatsServerError {
  const why = refusals.length > 0 ? `${what}: ${refusals.join('; ')}` : what
  const ways = [
    'install it (Debian, Ubuntu: `sudo apt-get install nats-server`; macOS: `brew install nats-server`)',
    'set NATS_SERVER to its path',
    'or name a running server with --server or NATS_URL',
  ]
  return new NatsServerError(`${why}. ${ways.join(', ').replace(/^i/, 'I')}`)
}
