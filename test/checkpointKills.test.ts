/** The checkpoint of a slave among real processes, which are killed: what was told to be safe is there, and one has it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CheckpointError, openCheckpoint } from '../services/slave/checkpoint.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'checkpoint-')))
const program = join(base, 'child.mjs')
let folder = ''
let made = 0
beforeEach(() => {
  folder = join(base, `${made++}`)
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

async function look() {
  const { disk, ...seen } = await openCheckpoint(folder)
  await disk.close()
  return seen
}

describe('real processes:', () => {
  beforeAll(() => {
    buildSync({
      stdin: {
        contents: childSource,
        resolveDir: fileURLToPath(new URL('.', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
    })
  })

  test('killed at any moment thirty times: all that was told to be safe is there', async () => {
    let last = -1
    for (let round = 0; round < 30; round++) {
      const child = start('write')
      const told: number[] = []
      const lines = createInterface({ input: child.stdout ?? process.stdin }).on('line', (line) =>
        told.push(Number(line)),
      )
      const closed = once(lines, 'close')
      await once(lines, 'line')
      await setTimeout(Math.random() * 25)
      child.kill('SIGKILL')
      await closed
      last = Math.max(last, told.at(-1) ?? -1)
      const { found, records } = await look()
      expect(['whole', 'torn']).toContain(found)
      const numbers = records.map((record) => (record as { n: number }).n)
      expect(numbers.length).toBeGreaterThan(last)
      expect(numbers.every((n, index) => n === index)).toBe(true)
    }
  })

  test('one at a time, by a message with its pid, and nobody after a kill', async () => {
    const holder = start('hold')
    expect(await firstLine(holder)).toBe('got')
    expect(await firstLine(start('hold'))).toContain(`(pid ${holder.pid})`)
    await expect(openCheckpoint(folder)).rejects.toThrow(CheckpointError)
    await kill(holder)
    expect((await look()).found).toBe('whole')
    expect(readdirSync(folder)).toEqual(['checkpoint'])
  })

  test('what a killed slave has started does not keep its lock', async () => {
    const holder = start('spawn')
    const survivor = Number(await firstLine(holder))
    await kill(holder)
    try {
      process.kill(survivor, 0)
      expect((await look()).found).toBe('whole')
    } finally {
      process.kill(survivor, 'SIGKILL')
    }
  })

  test('of many who race for what a dead one has left exactly one gets it', async () => {
    for (let round = 0; round < 3; round++) {
      const dead = start('hold')
      await firstLine(dead)
      await kill(dead)
      const racers = Array.from({ length: 6 }, () => start('hold'))
      const lines = await Promise.all(racers.map(firstLine))
      expect(lines.filter((line) => line === 'got').length).toBe(1)
      expect(lines.filter((line) => line.startsWith('Another slave')).length).toBe(5)
      await Promise.all(racers.map(kill))
    }
  })

  test('within one process, too', async () => {
    const tried = await Promise.allSettled(Array.from({ length: 8 }, () => openCheckpoint(folder)))
    const got = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(got.length).toBe(1)
    await got[0]?.disk.close()
    await look()
  })
})

/** Counts on from what it finds, sixteen at a time; or holds what it got, alone or with a child that outlives it. */
const childSource = `
  import { spawn } from 'node:child_process'
  import { writeSync } from 'node:fs'
  import { openCheckpoint } from '../services/slave/checkpoint.ts'
  const [what, folder] = process.argv.slice(2)
  const say = (line) => writeSync(1, line + '\\n')
  try {
    const { disk, records } = await openCheckpoint(folder)
    let next = records.length
    const go = () => {
      const n = next++
      disk.append([{ n, text: 'x'.repeat(n % 600) }], (error) => {
        if (error) throw error
        say(n)
        go()
      })
    }
    if (what === 'write') for (let lane = 0; lane < 16; lane++) go()
    else if (what === 'spawn') say(spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }).pid)
    else say('got')
    setInterval(() => {}, 1000)
  } catch (error) {
    say(error.message)
  }
`

function start(what: 'write' | 'hold' | 'spawn'): ChildProcess {
  return spawn(process.execPath, [program, what, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [piece] = await once(child.stdout ?? child, 'data')
  return String(piece).trim()
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
