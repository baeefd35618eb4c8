/** A custom executor that ends each task at once and starts nothing: what is left is the control plane. */
import { runExecutor } from '../../../services/executor/index.ts'

await runExecutor({ onLaunch: (task) => task.finished(), saysRunning: false })
