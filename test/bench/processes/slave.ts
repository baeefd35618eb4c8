import { dockerIsolation } from '../../../services/runtime/isolation/docker.ts'
import { processIsolation } from '../../../services/runtime/isolation/processes.ts'
import { openLog } from '../../../services/runtime/log.ts'
import { slaveFolder } from '../../../services/slave/folder.ts'
import { startSlave } from '../../../services/slave/main.ts'
import { recoverSlave } from '../../../services/slave/recovered.ts'
import { readSlaveSettings } from '../../../shared/config.ts'
import type { Resources } from '../../../shared/resources.ts'
import { wallClock } from '../figures.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

export interface Given extends Place {
  readonly workDir: string
  readonly resources: Resources
  readonly docker?: { socketPath: string }
  /** Whether it keeps what it must know after a crash, as every shipped slave does. */
  readonly checkpoint: boolean
  /** So many runs of an earlier process are to be found again. */
  readonly toFind?: number
}
/** Answered when all that is to be found was found: when that was, ms since 1970. */
export interface Found {
  readonly at: number
}

const options = given<Given>()
const name = 's1'
const workDir = slaveFolder(options.workDir, 'main', name)
const { docker } = options
const isolation = docker
  ? await dockerIsolation({ workDir, socketPath: docker.socketPath })
  : processIsolation({ workDir })
const { resources, checkpoint, toFind = 0 } = options
const found = finding(toFind)
const kept = checkpoint ? await recoverSlave(workDir, false, openLog({ level: 'error', pretty: false })) : {}
const slave = await startSlave({
  ...placeOf(options),
  name,
  settings: readSlaveSettings(),
  resources,
  attributes: {},
  isolation,
  killOnStop: true,
  ...kept,
})
serve(
  () => found,
  () => slave.stop(),
)

/** A run is found when the isolation says that it has started, which it says of one that runs already as well. */
function finding(count: number): Promise<Found> {
  let left = count
  return new Promise((resolve) => {
    isolation.onEvent(({ type }) => {
      if (type === 'run.started' && --left === 0) resolve({ at: wallClock() })
    })
  })
}
