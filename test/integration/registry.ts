/** A registry with one small image, of which a layer may be missing. As much of the protocol as a pull needs. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

export interface Registry {
  /** `127.0.0.1:4711`: engines ask loopback registries without TLS. */
  readonly address: string
  close(): void
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json'

export async function startRegistry(missing: 'layer' | 'nothing' = 'nothing'): Promise<Registry> {
  const tar = Buffer.concat([tarHeader(missing === 'layer' ? 'lost' : 'hello', 0), Buffer.alloc(1024)])
  const layer = gzipSync(tar)
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digest(tar)] },
    }),
  )
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: digest(config),
      },
      layers: [
        {
          mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
          size: layer.length,
          digest: digest(layer),
        },
      ],
    }),
  )
  const blobs = new Map([config, layer].map((blob) => [digest(blob), blob]))
  if (missing === 'layer') blobs.delete(digest(layer))
  const server = createServer(({ url = '' }, response) => {
    const [, kind, name = ''] = /\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? []
    const body = kind === 'manifests' ? manifest : kind === 'blobs' ? blobs.get(name) : Buffer.from('{}')
    const type = kind === 'manifests' ? manifestType : 'application/octet-stream'
    response.writeHead(body ? 200 : 404, {
      'Content-Type': type,
      ...(body && { 'Content-Length': body.length, 'Docker-Content-Digest': digest(body) }),
    })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { address: `127.0.0.1:${port}`, close: () => server.close() }
}

const digest = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** The header of a file in a tar, as POSIX has it: numbers in octal, and a checksum over all with itself as blanks. */
function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  header.write(name, 0)
  header.write(octal(0o644, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(size, 11), 124)
  header.write(octal(0, 11), 136)
  header.write('        0', 148)
  header.write('ustar\x0000', 257)
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  )
  return header
}
