import type { PullNews } from './engine.ts'

/** The news in an answer to a pull: JSON, one piece a line; a chunk may hold a part of one, or many. */
export async function* newsIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<PullNews> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line.trim() !== '').map((line): PullNews => JSON.parse(line))
  }
  if (rest.trim() !== '') yield JSON.parse(rest)
}
