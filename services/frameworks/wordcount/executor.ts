/**
 * The executor of the word count: one process on each slave, which counts chunk after chunk.
 *
 * What it has counted goes with the last word on each task. The slave keeps that word until the framework has
 * acknowledged it, so results outlive their executor and nothing has to keep an idle one alive.
 */
import { runExecutor } from '../../executor/index.ts'
import { readChunk } from './files.ts'
import { readTask, writeCounted } from './payloads.ts'
import { countWords } from './words.ts'

await runExecutor({
  onLaunch: async (task) => {
    const counted = countWords(await readChunk(readTask(task.payload)))
    task.finished({ payload: writeCounted(counted) })
  },
})
