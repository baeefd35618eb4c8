import { startMaster } from '../../../services/master/main.ts'
import { readMasterSettings } from '../../../shared/config.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

interface Given extends Place {
  readonly name?: string
  readonly settings?: Record<string, number>
}

const { name = 'm1', settings, ...place } = given<Given>()
const master = await startMaster({
  ...placeOf(place),
  name,
  settings: readMasterSettings(settings),
  replicas: 1,
})
serve(
  () => {},
  () => master.stop(),
)
