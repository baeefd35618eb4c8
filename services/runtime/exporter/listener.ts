/** A small HTTP server of a few pages, each made when somebody asks for it. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ListenError } from './listenError.ts'

export interface ListenAddress {
  /** All addresses of the machine where it is empty. */
  readonly host: string
  /** 0: one that is free. */
  readonly port: number
}

export interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}
/** By path. */
export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>

export interface Listener {
  readonly url: string
  /** Resolves when the last answer is out, or its time is over. */
  close(): Promise<void>
}

/** Whoever scrapes needs one connection; more than these are somebody's mistake. */
const maxConnections = 100
/** A question of one line that takes longer is none, ms. */
const requestTimeoutMs = 5_000
const maxHeaderBytes = 8 * 1024

export const plainPage = (status: number, sentence: string): Page => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${sentence}\n`,
})

/** Rejects with ListenError. */
export async function listenOn({ host, port }: ListenAddress, pages: Pages): Promise<Listener> {
  const options = {
    maxHeaderSize: maxHeaderBytes,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
  }
  const server = createServer(options, (request, response) => void answer(pages, request, response))
  server.maxConnections = maxConnections
  server.listen(port, host || undefined)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new ListenError(
      `nothing can listen on ${host}:${port}: ${reasons[error.code ?? ''] ?? error.message}`,
    )
  })
  return { url: urlOf(server), close: () => closed(server) }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'somebody does already; name another port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not; ports from 1024 on are free to all',
  ENOTFOUND: 'there is no host of this name',
}

async function answer(pages: Pages, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, type, body } = await made(pages, request).catch((error: Error) =>
    plainPage(500, `this page cannot be made: ${error.message}`),
  )
  const length = Buffer.byteLength(body)
  response.writeHead(status, { 'content-type': type, 'content-length': length, 'cache-control': 'no-store' })
  response.end(request.method === 'HEAD' ? undefined : body)
}

async function made(pages: Pages, { method, url = '/' }: IncomingMessage): Promise<Page> {
  const [path = ''] = url.split('?')
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined
  if (!page) return plainPage(404, `there is no ${path}; there are ${Object.keys(pages).join(', ')}`)
  if (method !== 'GET' && method !== 'HEAD') return plainPage(405, 'this can only be read')
  return page()
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function closed(server: Server): Promise<void> {
  const over = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const late = setTimeout(() => server.closeAllConnections(), requestTimeoutMs)
  await over
  clearTimeout(late)
}
