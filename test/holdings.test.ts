/** What a slave holds for roles on its machine's disk: it outlives the slave, and is never taken for nothing. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { volumeFolder } from '../services/runtime/isolation/volumes.ts'
import { CheckpointError, type Files, openCheckpoint, realFiles } from '../services/slave/checkpoint.ts'
import { type HoldingsOptions, openHoldings } from '../services/slave/holdings.ts'
import type { Holdings } from '../shared/messages.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'holdings-')))
let folder = ''
let made = 0
beforeEach(() => {
  folder = join(base, `${made++}`)
  mkdirSync(folder)
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

const reserved = [{ role: 'ads', resources: { cpuMilli: 0, memMb: 0, diskMb: 900, gpus: 0 } }]
const volumesOf = (names: readonly string[]) =>
  names.map((volumeId) => ({ volumeId, role: 'ads', diskMb: 100 }))
const nothing: Holdings = { version: 0, reserved: [], volumes: [] }
const at = (volumeId: string, ...path: string[]) => join(volumeFolder(folder, volumeId), ...path)
const names = () => readdirSync(join(folder, 'volumes')).sort()

/** Holds these volumes from now on, as a slave would that holds those of before. */
async function hold(volumes: readonly string[], options: HoldingsOptions = {}): Promise<Error | undefined> {
  const { holdings, port, close } = await openHoldings(folder, options)
  const before = holdings.volumes.map(({ volumeId }) => volumeId)
  const next = { version: holdings.version + 1, reserved, volumes: volumesOf(volumes) }
  const change = {
    do: 'hold',
    holdings: next,
    made: volumes.filter((each) => !before.includes(each)),
    destroyed: before.filter((each) => !volumes.includes(each)),
  } as const
  const error = await new Promise<Error | undefined>((resolve) => port.hold(change, resolve))
  await close()
  return error
}
async function held(): Promise<Holdings> {
  const { holdings, close } = await openHoldings(folder)
  await close()
  return holdings
}
const refusal = () =>
  held().then(
    () => 'it starts',
    (error: Error) => error.message,
  )

describe('what it holds', () => {
  test('is nothing, at first', async () => {
    expect(await held()).toEqual(nothing)
    expect(readdirSync(folder)).toEqual([])
  })

  test('is read again, with a folder for each volume, into which everybody may write who gets there', async () => {
    expect(await hold(['db', 'logs'])).toBeUndefined()
    expect(await held()).toEqual({ version: 1, reserved, volumes: volumesOf(['db', 'logs']) })
    expect(statSync(at('db')).mode & 0o777).toBe(0o777)
    expect(statSync(join(folder, 'volumes')).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(folder, 'holdings'), 'utf8')).toContain('"volumeId": "db"')
  })

  test('stays with what is in it, whatever becomes of the checkpoint beside it', async () => {
    const { disk } = await openCheckpoint(folder)
    await hold(['db'])
    writeFileSync(at('db', 'file'), 'content')
    await disk.close()
    rmSync(join(folder, 'checkpoint'))
    await hold(['db', 'logs'])
    expect(await held()).toMatchObject({ version: 2 })
    expect(readFileSync(at('db', 'file'), 'utf8')).toBe('content')
  })

  test('goes with all that is in it when it is named no more, and comes back empty', async () => {
    await hold(['db', 'logs'])
    mkdirSync(at('db', 'deep', 'er'), { recursive: true })
    await hold(['logs'])
    expect(names()).toEqual(['logs'])
    await hold(['logs', 'db'])
    expect(readdirSync(at('db'))).toEqual([])
  })

  test.each([
    ['..', '%2E%2E'],
    ['.', '%2E'],
    ['a/../b', 'a%2F%2E%2E%2Fb'],
    ['Größe', 'Gr%C3%B6%C3%9Fe'],
    ['%2E', '%252E'],
    ['x'.repeat(255), /^%%[0-9a-f]{64}$/],
    ['ö'.repeat(255), /^%%[0-9a-f]{64}$/],
  ])('may be called anything: %s', async (volumeId, name) => {
    expect(await hold([volumeId])).toBeUndefined()
    expect(names()).toEqual([expect.stringMatching(name)])
    expect((await held()).volumes[0]?.volumeId).toBe(volumeId)
    await hold([])
    expect(names()).toEqual([])
  })
})

describe('a disk that fails', () => {
  const failing = (calls: Partial<Files>) => ({ files: { ...realFiles, ...calls } })
  const fail = () => Promise.reject(new Error('EIO: it fails'))

  test.each<[string, Partial<Files>]>([
    ['is full', { create: fail }],
    ['loses a rename', { rename: fail }],
    ['does not sync', { syncFolder: fail }],
    [
      'does not take all of it',
      { create: async (path) => ({ ...(await realFiles.create(path)), datasync: fail }) },
    ],
  ])('and %s: it is told, what was held stays, and the next try succeeds', async (_how, calls) => {
    await hold(['db'])
    writeFileSync(at('db', 'file'), 'content')
    const error = await hold(['logs'], failing(calls))
    expect(error).toBeInstanceOf(CheckpointError)
    expect(error?.message).toContain('EIO: it fails')
    expect(await held()).toMatchObject({ version: 1, volumes: volumesOf(['db']) })
    expect(readFileSync(at('db', 'file'), 'utf8')).toBe('content')
    expect(await hold(['logs'])).toBeUndefined()
    expect(names()).toEqual(['logs'])
  })

  test('and then only does not say whether it took it: the next start finds one or the other, whole', async () => {
    await hold(['db'])
    const isWritten = () => readFileSync(join(folder, 'holdings'), 'utf8').includes('logs')
    const syncFolder = (path: string) => (isWritten() ? fail() : realFiles.syncFolder(path))
    expect((await hold(['logs'], failing({ syncFolder })))?.message).toContain('EIO')
    expect(await held()).toMatchObject({ version: 2, volumes: volumesOf(['logs']) })
    expect(names()).toEqual(['logs'])
  })

  test('was killed before it had destroyed a volume: that goes at the next start', async () => {
    await hold(['db', 'logs'])
    await hold(['logs'])
    mkdirSync(at('db', 'not', 'removed'), { recursive: true })
    await held()
    expect(names()).toEqual(['logs'])
  })

  test('was killed before it had written of a new volume: its empty folder goes', async () => {
    await hold(['logs'])
    mkdirSync(at('db'))
    expect(await held()).toMatchObject({ version: 1 })
    expect(names()).toEqual(['logs'])
  })
})

describe('a slave does not start', () => {
  beforeEach(async () => {
    await hold(['db'])
    writeFileSync(at('db', 'file'), 'content')
  })
  const path = () => join(folder, 'holdings')

  test.each<[string, (text: string) => string]>([
    ['cut', (text) => text.slice(0, -3)],
    ['empty', () => ''],
    ['changed by hand', (text) => text.replace('900', '901')],
    ['of another version', (text) => text.replace('holdings 1', 'holdings 2')],
  ])('with a file that is %s, however often, and nothing is lost', async (_how, damage) => {
    const whole = readFileSync(path(), 'utf8')
    writeFileSync(path(), damage(whole))
    for (const _try of [1, 2]) expect(await refusal()).toMatch(/is damaged.*put back a copy of it/)
    expect(readFileSync(at('db', 'file'), 'utf8')).toBe('content')
    writeFileSync(path(), whole)
    expect(await held()).toMatchObject({ version: 1 })
  })

  test('when the file is gone, and the volumes are not', async () => {
    renameSync(path(), join(folder, 'elsewhere'))
    expect(await refusal()).toMatch(/names no such volume: put back the file that did/)
    renameSync(join(folder, 'volumes'), join(folder, 'volumes-of-before'))
    expect(await held()).toEqual(nothing)
  })

  test('when the folder of a volume is gone', async () => {
    rmSync(at('db'), { recursive: true })
    expect(await refusal()).toMatch(/names volume db, and there is no folder .*put it back/)
    mkdirSync(at('db'))
    expect(await held()).toMatchObject({ version: 1 })
  })

  test('when somebody has put a folder there; what a file system has there itself is left alone', async () => {
    mkdirSync(join(folder, 'volumes', 'lost+found'))
    expect(await held()).toMatchObject({ version: 1 })
    mkdirSync(join(folder, 'volumes', 'other', 'file'), { recursive: true })
    expect(await refusal()).toMatch(/other with something in it/)
    expect(existsSync(join(folder, 'volumes', 'other', 'file'))).toBe(true)
  })
})
