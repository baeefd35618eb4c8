/** One of Stately's inspectors that looks: over a WebSocket it is told of each step, and says nothing itself. */
import type { WebSocket } from 'ws'
import type { Source } from './sources/source.ts'
import { Inspection, statelyText } from './stately.ts'

/** One that has so much yet to take is told no more before it has, bytes. What is let go meanwhile it misses. */
const mostWaiting = 1024 * 1024
/** Steps of which it is told without a pause, so that nobody else waits for long. */
const mostAtOnce = 500

/** Of a cluster that lives it is told from now on, of a recording all. Returns how to stop. */
export function tellInspector(socket: WebSocket, { chronicle, hello }: Source): () => void {
  const inspection = new Inspection()
  let next = hello.source.live ? chronicle.length : chronicle.first

  const tell = () => {
    next = Math.max(next, chronicle.first)
    const end = Math.min(chronicle.length, next + mostAtOnce)
    while (next < end && socket.bufferedAmount < mostWaiting) tellStep(next++)
  }
  const tellStep = (position: number) => {
    const step = chronicle.steps.read(position)
    if (!step || socket.readyState !== socket.OPEN) return
    const events = inspection.eventsOf(step, chronicle.messages.speakerOf(position, step))
    // Whenever it has taken some, it is told what has been left over.
    for (const event of events) socket.send(statelyText(event), tell)
  }
  tell()
  return chronicle.onChange(tell)
}
