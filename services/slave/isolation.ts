/** How a slave keeps tasks apart: in containers where it can, in plain processes for development. */
import type { Network } from '../runtime/isolation/docker/dockerOptions.ts'
import type { Isolation } from '../runtime/ports.ts'

export type IsolationKind = Isolation['name']
export const isolationKinds: readonly IsolationKind[] = ['docker', 'process']

/** What a container is given that does not say it itself. */
export interface DockerDefaults {
  readonly defaultImage?: string
  readonly defaultNetwork?: Network
}

/**
 * The isolation of this kind; where none is named, Docker when an engine answers. `workDir` is absolute and the
 * slave's own. Rejects with a sentence for the operator when Docker is named and cannot be had.
 */
export async function openIsolation(
  kind: IsolationKind | undefined,
  workDir: string,
  note: (sentence: string) => void,
  docker: DockerDefaults = {},
): Promise<Isolation> {
  const chosen = kind ?? (await chooseIsolation(note))
  if (chosen === 'docker') {
    const { dockerIsolation } = await import('../runtime/isolation/docker.ts')
    return dockerIsolation({ workDir, ...docker })
  }
  const { processIsolation } = await import('../runtime/isolation/processes.ts')
  return processIsolation({ workDir })
}

async function chooseIsolation(note: (sentence: string) => void): Promise<IsolationKind> {
  const { checkDocker } = await import('../runtime/isolation/docker.ts')
  const report = await checkDocker()
  if (report.reachable) return 'docker'
  note(
    `tasks run as plain processes, which nothing keeps apart, and without containers: ${report.message}; ` +
      'give --isolation process to say that this is meant',
  )
  return 'process'
}
