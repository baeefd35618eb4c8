/** The page of a cluster that lives in this process. */
import { LiveCluster } from '../../visualizer/sources/live.ts'
import { startWeb, type Web } from '../../visualizer/web.ts'
import { usualKeptSteps, usualPort } from '../commands/web.ts'
import { Failure } from '../failure.ts'
import type { Cluster } from './cluster.ts'

const host = '127.0.0.1'

/** `port` absent: the usual one, or a free one where that is taken. Rejects with Failure. */
export async function openWeb({ operator }: Cluster, port: number | undefined): Promise<Web> {
  const source = new LiveCluster({ operator, user: 'up', keepSteps: usualKeptSteps })
  const usual = startWeb({ source, host, port: port ?? usualPort })
  const served = port === undefined ? usual.catch(() => startWeb({ source, host, port: 0 })) : usual
  return served.catch((error: Error) => Promise.reject(new Failure(error.message)))
}
