/** Asks a person before something cannot be undone. Where nobody sits in front of it, nobody is asked. */
import { createInterface } from 'node:readline/promises'
import { plain } from './table.ts'

export async function agreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return true
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const gone = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  const said = await Promise.race([terminal.question(`${plain(question)} [y/N] `), gone])
  terminal.close()
  return /^\s*y(es)?\s*$/i.test(said)
}
