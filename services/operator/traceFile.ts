/** A saved trace: one line of JSON for each step, below a line that says what it is. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { type Aside, type Step, traceHead } from '../../shared/trace.ts'
import { whyUnwritten } from '../runtime/fileWords.ts'
import { asPlainJson } from '../runtime/plainJson.ts'
import { Failure } from './failure.ts'

export interface TraceFile {
  write(said: Step | Aside): void
  /** Resolves when all of it is written. */
  finish(): Promise<void>
}

/** Rejects with Failure. What goes wrong later is thrown where nobody catches it: the command ends. */
export async function openTraceFile(path: string): Promise<TraceFile> {
  const file = createWriteStream(path)
  const broken = (error: Error) => new Failure(`${path} cannot be written: ${whyUnwritten(error)}`)
  await once(file, 'open').catch((error: Error) => Promise.reject(broken(error)))
  file.on('error', (error) => process.emit('uncaughtException', broken(error)))
  file.write(`${JSON.stringify(traceHead)}\n`)
  return {
    write: (said) => void file.write(`${traceLine(said)}\n`),
    finish: async () => {
      file.end()
      await once(file, 'close')
    },
  }
}

/** As programs read it; without the end of its line. */
export const traceLine = (said: Step | Aside): string => JSON.stringify(said, asPlainJson)
