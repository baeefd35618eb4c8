/** The page's server with a recording, in a process of its own. */
import { openRecording } from '../../../services/visualizer/sources/file.ts'
import { startWeb } from '../../../services/visualizer/web.ts'
import { given, serve } from './serve.ts'

export interface Given {
  readonly path: string
}
export interface Answer {
  readonly url: string
  /** Whether all of it is read. */
  readonly read: boolean
}

const source = await openRecording(given<Given>().path)
const web = await startWeb({ source, host: '127.0.0.1', port: 0 })
serve(
  (): Answer => ({ url: web.url, read: source.read === undefined }),
  () => web.stop(),
)
