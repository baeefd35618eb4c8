import { resolve } from 'node:path'

/** Words for node, when `--cpu-prof folder` is asked for: each process writes a profile of that name there. */
export function profiling(words: readonly string[], name: string): string[] {
  const at = words.indexOf('--cpu-prof')
  const folder = words[at + 1]
  if (at < 0 || folder === undefined) return []
  return [
    '--cpu-prof',
    `--cpu-prof-dir=${resolve(folder)}`,
    `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`,
  ]
}
