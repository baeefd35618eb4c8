/** The custom executor of the chaos frameworks: its tasks write down when they begin and when they end. */
import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { runExecutor } from '../../services/executor/index.ts'

const running = await runExecutor({
  onLaunch: async (task) => {
    const { effects, ms } = JSON.parse(new TextDecoder().decode(task.payload)) as {
      effects: string
      ms: number
    }
    appendFileSync(effects, `start ${process.pid}\n`)
    await pause(ms, undefined, { signal: task.signal })
    appendFileSync(effects, `end ${process.pid}\n`)
  },
})
await running.ended
process.exit(0)
