/** What is got from the page's server by name: its files, and the charts as data. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { chartAsJson, charts } from '../../statecharts/index.ts'
import { type PageFile, pageFiles } from './files.ts'
import { isForUs, pathOf, type Reach } from './visitors.ts'

/** Whatever the page loads comes from here. */
const policy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
].join('; ')

/** Answers requests. The page's files are had when the first of them is asked for. */
export function answerer(reach: Reach): (request: IncomingMessage, response: ServerResponse) => void {
  const files = filesOnce()
  return (request, response) => {
    const refused = refusal(request, reach)
    if (refused) answer(response, refused.status, sentence(refused.message))
    else
      files().then(
        (all) => give(response, all, pathOf(request)),
        (error: Error) => answer(response, 503, sentence(error.message)),
      )
  }
}

function filesOnce(): () => Promise<ReadonlyMap<string, PageFile>> {
  let files: Promise<ReadonlyMap<string, PageFile>> | undefined
  const load = async () => new Map([...(await pageFiles()), ['/charts.json', chartsFile()]])
  return () => {
    files ??= load().catch((error: unknown) => {
      // What could not be had may be mended meanwhile.
      files = undefined
      throw error
    })
    return files
  }
}

function give(response: ServerResponse, files: ReadonlyMap<string, PageFile>, path: string): void {
  const file = files.get(path === '/' ? '/index.html' : path)
  if (file) answer(response, 200, file)
  else answer(response, 404, sentence('There is nothing here by that name.'))
}

function refusal(request: IncomingMessage, reach: Reach) {
  if (!isForUs(request, reach))
    return { status: 421, message: 'This page is not served under that name: see `proffer help web`.' }
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  return { status: 405, message: 'Only GET is answered here.' }
}

function chartsFile(): PageFile {
  const all = Object.entries(charts).map(([name, chart]) => [name, chartAsJson(chart)])
  return { type: 'application/json', content: Buffer.from(JSON.stringify(Object.fromEntries(all))) }
}

const sentence = (text: string): PageFile => ({
  type: 'text/plain; charset=utf-8',
  content: Buffer.from(`${text}\n`),
})

function answer(response: ServerResponse, status: number, { type, content }: PageFile): void {
  response.writeHead(status, {
    'content-type': type,
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    // It is built anew with every version.
    'cache-control': 'no-cache',
  })
  response.end(content)
}
