/**
 * The page's server: a few files, and one WebSocket for each page that looks; `/inspect` is for Stately's inspectors. It
 * is a guest on the bus, and asks it for nothing while nobody looks.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Exporter } from '../runtime/exporter/exporter.ts'
import { version } from '../runtime/package.ts'
import { Audience } from './audience.ts'
import { exportPage } from './exported.ts'
import { answerer } from './http.ts'
import { tellInspector } from './inspector.ts'
import { NotThere } from './notThere.ts'
import type { Source } from './sources/source.ts'
import { isForUs, pathOf, type Reach } from './visitors.ts'

export interface WebOptions extends Reach {
  readonly source: Source
  /** 0: any that is free. */
  readonly port: number
  /** Shows what it costs, and whether it has anything to show. */
  readonly exporter?: Exporter | undefined
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
    const show = shows.get(pathOf(request))
    if (!show || !isForUs(request, options) || sockets.clients.size >= mostAudiences) socket.destroy()
    else sockets.handleUpgrade(request, socket, head, (guest) => attend(guest, show, source, sockets))
  })
  await listening(server, host, port)
  if (options.exporter) exportPage(options.exporter, source, () => sockets.clients.size)
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

/** Shows a source to a guest; returns how to stop. */
type Show = (guest: WebSocket, source: Source) => () => void

const shows: ReadonlyMap<string, Show> = new Map([
  ['/socket', showPage],
  ['/inspect', tellInspector],
])

function attend(guest: WebSocket, show: Show, source: Source, sockets: WebSocketServer): void {
  const stop = show(guest, source)
  source.attend(true)
  // What is wrong with a connection ends it; a page comes again.
  guest.on('error', () => guest.terminate())
  guest.on('close', () => {
    stop()
    if (sockets.clients.size === 0) source.attend(false)
  })
}

function showPage(page: WebSocket, source: Source): () => void {
  const line = {
    send: (text: string) => page.send(text),
    get waiting() {
      return page.bufferedAmount
    },
  }
  const audience = new Audience(line, source, version)
  page.on('message', (said) => audience.hear(String(said)))
  return () => audience.leave()
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
