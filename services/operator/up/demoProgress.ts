/** How far the frameworks of the demonstration are: a bar for each on a terminal, else a line now and then. */
import { MultiBar } from 'cli-progress'

export interface Progress {
  /** A framework with so much to do; the answer tells how much of it is done. */
  track(name: string, total: number, unit: string): (done: number) => void
  /** Gives the terminal back. */
  stop(): void
}

export function openProgress(stream: NodeJS.WriteStream, isQuiet: boolean): Progress {
  if (isQuiet) return { track: () => () => {}, stop: () => {} }
  return stream.isTTY ? bars(stream) : lines(stream)
}

function bars(stream: NodeJS.WriteStream): Progress {
  const format = '  {name} [{bar}] {value}/{total} {unit}'
  const look = { barCompleteChar: '█', barIncompleteChar: '░', barsize: 40 }
  const all = new MultiBar({ stream, format, ...look, hideCursor: true, fps: 10 })
  return {
    track(name, total, unit) {
      const bar = all.create(total, 0, { name: name.padEnd(10), unit })
      return (done) => bar.update(done)
    },
    stop: () => all.stop(),
  }
}

function lines(stream: NodeJS.WriteStream): Progress {
  return {
    track(name, total, unit) {
      let said = 0
      return (done) => {
        const quarter = Math.floor((done / total) * 4)
        if (quarter === said) return
        said = quarter
        stream.write(`  ${name.padEnd(10)} ${done}/${total} ${unit}\n`)
      }
    },
    stop: () => {},
  }
}
