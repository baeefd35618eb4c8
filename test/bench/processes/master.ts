import { startMaster } from '../../../services/master/main.ts'
import { readMasterSettings } from '../../../shared/config.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

const settings = readMasterSettings()
const master = await startMaster({ ...placeOf(given<Place>()), name: 'm1', settings, replicas: 1 })
serve(
  () => {},
  () => master.stop(),
)
