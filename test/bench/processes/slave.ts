import { processIsolation } from '../../../services/runtime/processes.ts'
import { slaveFolder, startSlave } from '../../../services/slave/main.ts'
import { readSlaveSettings } from '../../../shared/config.ts'
import type { Resources } from '../../../shared/resources.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

const options = given<
  Place & { readonly workDir: string; readonly isolation: string; readonly resources: Resources }
>()
const name = 's1'
const workDir = slaveFolder(options.workDir, name)
const isolation = processIsolation({ workDir })
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
