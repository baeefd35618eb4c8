/**
 * The page's server: a few files, and one WebSocket for each page that looks. It is a guest on the bus, and asks it for
 * nothing while nobody looks.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { version } from '../runtime/version.ts'
import { Audience } from './audience.ts'
import { answerer } from './http.ts'
import { NotThere } from './notThere.ts'
import type { Source } from './sources/source.ts'
import { isForUs, pathOf, type Reach } from './visitors.ts'

export interface WebOptions extends Reach {
  readonly source: Source
  /** 0: any that is free. */
  readonly port: number
}
export interface Web {
  readonly url: string
  stop(): Promise<void>
}

/** What a page says is short. */
const maxSaidBytes = 64 * 1024
/** Pages that look at once. */
const mostAudiences = 100

/** Rejects with NotThere when it cannot listen there. */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { source, host, port } = options
  const server = createServer(answerer(options))
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxSaidBytes })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const isWelcome = pathOf(request) === '/socket' && isForUs(request, options)
    if (!isWelcome || sockets.clients.size >= mostAudiences) socket.destroy()
    else sockets.handleUpgrade(request, socket, head, (page) => attend(page, source, sockets))
  })
  await listening(server, host, port)
  return {
    url: urlOf(server, host),
    stop: async () => {
      for (const page of sockets.clients) page.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await source.stop()
    },
  }
}

function attend(page: WebSocket, source: Source, sockets: WebSocketServer): void {
  const line = {
    send: (text: string) => page.send(text),
    get waiting() {
      return page.bufferedAmount
    },
  }
  const audience = new Audience(line, source, version)
  source.attend(true)
  page.on('message', (said) => audience.hear(String(said)))
  // What is wrong with a connection ends it; the page comes again.
  page.on('error', () => page.terminate())
  page.on('close', () => {
    audience.leave()
    if (sockets.clients.size === 0) source.attend(false)
  })
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const why = code === 'EADDRINUSE' ? 'something else listens there; choose another with --port' : message
      reject(new NotThere(`the page cannot be served on ${host}:${port}: ${why}`))
    })
    server.listen(port, host, resolve)
  })
}

function urlOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`
}
