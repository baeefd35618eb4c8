import { dockerIsolation } from '../../../services/runtime/isolation/docker.ts'
import { processIsolation } from '../../../services/runtime/isolation/processes.ts'
import { slaveFolder, startSlave } from '../../../services/slave/main.ts'
import { readSlaveSettings } from '../../../shared/config.ts'
import type { Resources } from '../../../shared/resources.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

const options = given<
  Place & {
    readonly workDir: string
    readonly resources: Resources
    readonly docker?: { socketPath: string }
  }
>()
const name = 's1'
const workDir = slaveFolder(options.workDir, name)
const { docker } = options
const isolation = docker
  ? await dockerIsolation({ workDir, socketPath: docker.socketPath })
  : processIsolation({ workDir })
const { resources } = options
const slave = await startSlave({
  ...placeOf(options),
  name,
  settings: readSlaveSettings(),
  resources,
  attributes: {},
  isolation,
  killOnStop: true,
})
serve(
  () => {},
  () => slave.stop(),
)
