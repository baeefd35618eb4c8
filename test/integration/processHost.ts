/** A slave's process isolation in a process of its own, to be killed by a test. */
import type { LauncherKind } from '../../services/runtime/isolation/launcher.ts'
import { processIsolation } from '../../services/runtime/isolation/processes.ts'
import { run, watch } from './runs.ts'

const [workDir = '', launcher = 'perl', then] = process.argv.slice(2)
const watched = watch(processIsolation({ workDir, launcher: launcher as LauncherKind }))
watched.isolation.start(
  run('until [ -e go ]; do [ -e stdout ] || exit 1; sleep 0.01; done; exit 5', { runId: 'orphan' }),
)
const pid = await watched.started('orphan')
if (then === 'close') await watched.isolation.close({ kill: false })
console.log(pid)
