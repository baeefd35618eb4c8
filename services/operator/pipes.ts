/** Our own output, and what is done when whoever read it has gone, as `head` does. */
import { once } from 'node:events'

/** As shells report a program that a broken pipe has ended. */
export const brokenPipe = 141
let act = (): void => process.exit(brokenPipe)

export function watchPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? act() : process.exit(1)))
}

/** What is done instead of leaving at once. */
export function onBrokenPipe(instead: () => void): void {
  act = instead
}

/** Whoever reads us slowly slows us down. What waits for a reader who has gone waits for the end of this process. */
export async function send(stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> {
  if (bytes.length > 0 && !process[stream].write(bytes))
    await once(process[stream], 'drain').catch(() => new Promise(() => {}))
}
