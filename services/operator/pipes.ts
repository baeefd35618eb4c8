/** Whoever read what we write has gone, as `head` does: there is nothing more to say, and nobody to say it to. */

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
