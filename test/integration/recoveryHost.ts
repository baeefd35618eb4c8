/** A slave's isolation in a process of its own, to be killed by a test: starts what it is sent, and prints what it hears. */
import { createInterface } from 'node:readline'
import { dockerIsolation } from '../../services/runtime/isolation/docker.ts'
import type { LauncherKind } from '../../services/runtime/isolation/launcher.ts'
import { processIsolation } from '../../services/runtime/isolation/processes.ts'
import type { Isolation, Run } from '../../services/runtime/ports.ts'

/** One line of its stdin. */
export type HostRequest =
  | { readonly do: 'start'; readonly run: Run }
  | { readonly do: 'stop'; readonly runId: string; readonly graceSeconds: number }

const [workDir = '', kind = '', socketPath = '', defaultImage = ''] = process.argv.slice(2)
const isolation: Isolation =
  kind === 'docker'
    ? await dockerIsolation({ workDir, socketPath, defaultImage })
    : processIsolation({ workDir, launcher: kind as LauncherKind })
isolation.onEvent((event) => console.log(JSON.stringify(event)))
createInterface(process.stdin).on('line', (line) => {
  const request: HostRequest = JSON.parse(line)
  if (request.do === 'start') isolation.start(request.run)
  else isolation.stop(request.runId, request.graceSeconds)
})
