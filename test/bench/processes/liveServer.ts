/** The page's server beside a cluster, in a process of its own. */
import { Operator } from '../../../services/operator/client.ts'
import { LiveCluster } from '../../../services/visualizer/sources/live.ts'
import { startWeb } from '../../../services/visualizer/web.ts'
import { type Place, placeOf } from './place.ts'
import { given, serve } from './serve.ts'

export interface Answer {
  readonly url: string
}

const operator = await Operator.connect({ ...placeOf(given<Place>()), user: 'bench', timeoutMs: 5000 })
const source = new LiveCluster({ operator, user: 'bench', keepSteps: 200_000 })
const web = await startWeb({ source, host: '127.0.0.1', port: 0 })
serve(
  (): Answer => ({ url: web.url }),
  async () => {
    await web.stop()
    await operator.close()
  },
)
