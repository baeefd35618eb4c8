import { basename, join } from 'node:path'
import type { NatsProgram } from './findNatsServer.ts'

/** How one server is started, and ended by somebody who only has a shell. */
export interface Launch {
  readonly command: string
  readonly words: readonly string[]
  readonly config: string
  /** A shell line that sends this signal to the server; `$1` is the pid of `command`. */
  killLine(signal: string): string
  /** A shell line that succeeds while the server lives; `$1` as above. */
  readonly aliveLine: string
  /** Set when the port that is listened on must be asked for. */
  readonly portOf?: readonly string[]
}

export interface LaunchOptions {
  /** Where nats.conf lies. */
  readonly folder: string
  readonly storeDir: string
  /** 0 for a free one. */
  readonly port: number
  readonly jetstream: boolean
  readonly extraConfig: string
}

export const configName = 'nats.conf'

export function launchOf(program: NatsProgram, options: LaunchOptions): Launch {
  return program.kind === 'binary' ? ofBinary(program.path, options) : ofDocker(program.image, options)
}

function ofBinary(path: string, options: LaunchOptions): Launch {
  return {
    command: path,
    words: ['-c', join(options.folder, configName)],
    config: configOf({ ...options, host: '127.0.0.1', port: options.port === 0 ? -1 : options.port }),
    killLine: (signal) => `kill -${signal} "$1"`,
    aliveLine: 'kill -0 "$1"',
  }
}

/** The engine maps the port, so inside the container it is always 4222 and open to the engine's own network. */
function ofDocker(image: string, options: LaunchOptions): Launch {
  const name = basename(options.folder)
  const publish = `127.0.0.1:${options.port === 0 ? '' : options.port}:4222`
  const mounts = ['-v', `${options.folder}:/etc/proffer:ro`, '-v', `${options.storeDir}:/data`]
  const user = process.getuid && process.getgid ? ['--user', `${process.getuid()}:${process.getgid()}`] : []
  return {
    command: 'docker',
    words: [
      'run',
      '--rm',
      '--name',
      name,
      ...user,
      '-p',
      publish,
      ...mounts,
      image,
      '-c',
      `/etc/proffer/${configName}`,
    ],
    config: configOf({ ...options, host: '0.0.0.0', port: 4222, storeDir: '/data' }),
    killLine: (signal) => `docker kill --signal ${signal} ${name}`,
    aliveLine: `docker inspect ${name}`,
    portOf: ['port', name, '4222/tcp'],
  }
}

/** Only settings that 2.9 knows: it refuses to start on one that it does not (`sync_interval` came with 2.10). */
function configOf(options: Omit<LaunchOptions, 'folder'> & { readonly host: string }): string {
  const lines = [`host: ${JSON.stringify(options.host)}`, `port: ${options.port}`]
  if (options.jetstream) lines.push(`jetstream { store_dir: ${JSON.stringify(options.storeDir)} }`)
  return [...lines, options.extraConfig, ''].join('\n')
}
