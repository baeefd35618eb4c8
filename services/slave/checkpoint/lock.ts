/**
 * One process at a time has a folder. Whoever wants it listens on a socket in it, and then looks whether anybody else
 * does: a socket whose process has died refuses, so no lock is ever stale. Of two who come at once, the one who looks
 * later sees the other; both may see each other, give way, and come again at a moment of chance.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CheckpointError, cannot } from './checkpointError.ts'

const published = /^checkpoint\.lock-(\d+)-/
/** Bound, but perhaps not listening yet, when it would be taken for dead. */
const unpublished = 'checkpoint.unlocked-'
const tries = 40
const answerMs = 1000

/** Returns how to let it go; throws CheckpointError where another process has it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const handle = await open(folder, 'r')
  // The path of a socket may have 107 bytes, and a folder's more: there is a short way through the open folder.
  const short = `/proc/self/fd/${handle.fd}`
  try {
    const claim = await contend(existsSync(short) ? short : folder, folder)
    return () => giveUp(claim).finally(() => handle.close())
  } catch (error) {
    await handle.close()
    throw cannot(`The folder ${folder} cannot be locked`, error)
  }
}

interface Claim {
  readonly place: string
  readonly name: string
  readonly server: Server
  /** Whether it has looked, and found nobody. */
  holds: boolean
}

async function contend(place: string, folder: string): Promise<Claim> {
  for (let left = tries; ; left--) {
    const claim = await publish(place)
    const rivals = claim ? await livingRivals(claim) : []
    if (claim && rivals.length === 0) return hold(claim)
    if (claim) await giveUp(claim)
    const winner = rivals.find(({ holds }) => holds) ?? (left <= 0 ? rivals[0] : undefined)
    if (winner) throw new CheckpointError(inUse(folder, winner.pid))
    await setTimeout(randomInt(5, 100))
  }
}

const inUse = (folder: string, pid: string): string =>
  `Another slave of this name runs here (pid ${pid}) and has ${folder}. Stop it first, or give this one another name or folder.`

/** The name says that it listens, so it gets it afterwards. */
async function publish(place: string): Promise<Claim | undefined> {
  const id = `${process.pid}-${randomBytes(6).toString('hex')}`
  const name = `checkpoint.lock-${id}`
  const claim: Claim = { place, name, server: createServer(), holds: false }
  claim.server.on('connection', (socket) => {
    socket.on('error', () => {}).end(claim.holds ? 'holds' : 'tries')
  })
  claim.server.listen(join(place, unpublished + id)).unref()
  await once(claim.server, 'listening')
  try {
    await rename(join(place, unpublished + id), join(place, name))
    return claim
  } catch (error) {
    claim.server.close()
    // Whoever has the folder has swept it away.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function giveUp({ place, name, server }: Claim): Promise<void> {
  await rm(join(place, name), { force: true })
  server.close()
}

/** Clears away what the dead have left. Whoever is coming at this moment comes again. */
async function hold(claim: Claim): Promise<Claim> {
  claim.holds = true
  const names = (await readdir(claim.place)).filter((name) => name.startsWith(unpublished))
  await Promise.all(names.map((name) => rm(join(claim.place, name), { force: true })))
  return claim
}

interface Rival {
  readonly pid: string
  readonly holds: boolean
}

async function livingRivals({ place, name: own }: Claim): Promise<Rival[]> {
  const rivals: Rival[] = []
  for (const name of await readdir(place)) {
    const pid = published.exec(name)?.[1]
    if (pid === undefined || name === own) continue
    const answer = await ask(join(place, name))
    if (answer !== 'dead') rivals.push({ pid, holds: answer === 'holds' })
    // Its name is never used again, so nobody living can have it.
    else await rm(join(place, name), { force: true })
  }
  return rivals
}

/** Only a refusal is taken for death: who does not answer may be busy. */
function ask(path: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(path)
    socket.setTimeout(answerMs, () => socket.destroy())
    socket.on('data', (piece) => {
      answer += piece.toString()
    })
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ENOENT') answer = 'dead'
    })
    socket.on('close', () => resolve(answer))
  })
}
