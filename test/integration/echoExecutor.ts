/** A custom executor for the tests: says what it begins, and answers in capitals. */
import { runExecutor } from '../../services/executor/index.ts'

const executor = await runExecutor({
  onLaunch: (task) => {
    executor.message(new TextEncoder().encode(`began ${task.id}`))
    task.finished({ payload: new TextEncoder().encode(new TextDecoder().decode(task.payload).toUpperCase()) })
  },
})
