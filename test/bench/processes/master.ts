import { startMaster } from '../../../services/master/main.ts'
import { readMasterSettings } from '../../../shared/config.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

const options = given<Place & { readonly settings: Record<string, number> }>()
const settings = readMasterSettings(options.settings)
const master = await startMaster({ ...placeOf(options), name: 'm1', settings, replicas: 1 })
serve(
  () => {},
  () => master.stop(),
)
