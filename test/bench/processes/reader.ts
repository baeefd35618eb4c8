/** Reads the whole state of the cluster, again and again without a pause, while it is to. */
import { Operator } from '../../../services/operator/client.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

/** Whether it is to read from now on; answered with what it has read so far. */
export interface Question {
  readonly reads: boolean
}
export interface Answer {
  /** Of the whole state, and rows. */
  readonly times: number
  readonly rows: number
}

const place = given<Place>()
const operator = await Operator.connect({ ...placeOf(place), user: 'reader', timeoutMs: 10_000 })
let reads = false
let reading: Promise<void> = Promise.resolve()
let [times, rows] = [0, 0]

serve(
  async (question: Question): Promise<Answer> => {
    if (question.reads && !reads) {
      reads = true
      reading = readOn()
    }
    if (!question.reads) {
      reads = false
      await reading
    }
    return { times, rows }
  },
  async () => {
    reads = false
    await reading
    await operator.close()
  },
)

async function readOn(): Promise<void> {
  while (reads) {
    await operator.ask('cluster.get', {})
    await readAll(operator.slaves())
    await readAll(operator.frameworks())
    await readAll(operator.tasks())
    await readAll(operator.offers())
    await readAll(operator.roles())
    if (reads) times++
  }
}

async function readAll(list: AsyncIterable<unknown>): Promise<void> {
  for await (const _row of list) {
    if (!reads) return
    rows++
  }
}
