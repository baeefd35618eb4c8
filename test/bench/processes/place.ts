import { readConnection } from '../../../services/runtime/bus/connection.ts'
import { openLog } from '../../../services/runtime/log.ts'

/** Where a role of the measured cluster finds its bus. */
export interface Place {
  readonly url: string
}

/** Whatever contexts and variables the user has are for other servers than ours. */
export const placeOf = ({ url }: Place) => ({
  connection: readConnection({ server: url }, { HOME: '/nowhere' }),
  cluster: 'main',
  log: openLog({ level: 'error', pretty: false }),
})
