/** Does what is planned, when it is planned, and brings back whoever was sent away. */
import { setTimeout as pause } from 'node:timers/promises'
import { launchersOf, markedProcesses, signal } from './marks.ts'
import type { Part } from './part.ts'
import type { Target, Trick } from './plan.ts'

export interface MischiefWorld {
  readonly run: string
  readonly parts: readonly Part[]
  readonly tell: (line: string) => void
}

/** Resolves when all has been done and undone. Returns how often each was really done. */
export async function doMischief(
  world: MischiefWorld,
  tricks: readonly Trick[],
  broken: AbortSignal,
): Promise<Map<string, number>> {
  const began = Date.now()
  const done = new Map<string, number>()
  const undoing: Promise<void>[] = []
  for (const trick of tricks) {
    await pause(Math.max(0, began + trick.atMs - Date.now()), undefined, { signal: broken })
    const name = `${trick.deed} ${trick.target}`
    const undone = play(world, trick)
    if (!undone) continue
    undoing.push(undone)
    done.set(name, (done.get(name) ?? 0) + 1)
  }
  await Promise.all(undoing)
  return done
}

function play(world: MischiefWorld, trick: Trick): Promise<void> | undefined {
  if (trick.target === 'executor' || trick.target === 'launcher') return playOnProcess(world, trick)
  const part = partsOf(world, trick.target)[trick.index]
  if (!part?.lives) return undefined
  const { deed, forMs } = trick
  world.tell(`${deed} ${part.name}, back ${forMs === 0 ? 'at once' : `in ${(forMs / 1000).toFixed(1)} s`}`)
  return deed === 'stop' ? holdUp(part.pid, forMs) : restart(part, deed, forMs)
}

export const partsOf = ({ parts }: MischiefWorld, target: Target): Part[] =>
  parts.filter(({ kind }) => kind === target)

async function restart(part: Part, deed: 'kill' | 'term', forMs: number): Promise<void> {
  await part.end(deed === 'kill' ? 'SIGKILL' : 'SIGTERM')
  await pause(forMs)
  part.start()
}

async function holdUp(pid: number, forMs: number): Promise<void> {
  signal(pid, 'SIGSTOP')
  await pause(forMs)
  signal(pid, 'SIGCONT')
}

/** What is not a part of ours is found by its mark, or by whose child it is. */
function playOnProcess(world: MischiefWorld, trick: Trick): Promise<void> | undefined {
  const pids = trick.target === 'launcher' ? launchers(world) : executors(world)
  const pid = pids[trick.index % Math.max(1, pids.length)]
  if (pid === undefined) return undefined
  world.tell(`${trick.deed} ${trick.target} ${pid}${trick.deed === 'stop' ? ` for ${trick.forMs} ms` : ''}`)
  if (trick.deed === 'stop') return holdUp(pid, trick.forMs)
  signal(pid, 'SIGKILL')
  return Promise.resolve()
}

const launchers = (world: MischiefWorld): number[] =>
  partsOf(world, 'slave').flatMap(({ lives, pid }) => (lives ? launchersOf(pid) : []))
const executors = ({ run }: MischiefWorld): number[] =>
  markedProcesses(run)
    .filter(({ task }) => task === 'executor')
    .map(({ pid }) => pid)
