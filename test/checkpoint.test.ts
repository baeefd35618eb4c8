/** The checkpoint of a slave: nothing that was told to be safe is ever lost, and nothing false is ever read. */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Disk } from '../services/runtime/ports.ts'
import { fileOf, framesOf, readFileOf } from '../services/slave/checkpoint/format.ts'
import { CheckpointError, type Files, openCheckpoint, realFiles } from '../services/slave/checkpoint.ts'
import { encode } from '../shared/codec.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'checkpoint-')))
let folder = ''
let file = ''
let made = 0
beforeEach(() => {
  folder = join(base, `${made++}`)
  file = join(folder, 'checkpoint')
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

const append = (disk: Disk, records: readonly object[]): Promise<Error | undefined> =>
  new Promise((resolve) => disk.append(records, resolve))
const rewrite = (disk: Disk, records: readonly object[]): Promise<Error | undefined> =>
  new Promise((resolve) => disk.rewrite(records, resolve))

async function look(options = {}) {
  const { disk, ...seen } = await openCheckpoint(folder, options)
  await disk.close()
  return seen
}

/** A file of a few appends, one record each, as it stands when the slave is killed. */
async function written(records: readonly object[]): Promise<Buffer> {
  const { disk } = await openCheckpoint(folder)
  for (const record of records) expect(await append(disk, [record])).toBeUndefined()
  await disk.close()
  return readFileSync(file)
}

const some = [
  { n: 1, text: 'one' },
  { n: 2, list: [0, 255] },
  { n: 3, text: 'three' },
]
const plain = (records: readonly object[]) => JSON.parse(JSON.stringify(records)) as object[]
const header = () => ({ version: 1, boot: 'a', folder })
/** Files as they are, with some calls in the place of others. */
const withCalls = (calls: Partial<Files>): Files => ({ ...realFiles, ...calls })

describe('what was appended is read again:', () => {
  test('nothing, at first', async () => {
    expect(await look()).toEqual({ found: 'none', records: [] })
    expect(await look()).toEqual({ found: 'whole', records: [] })
  })

  test('in order, and again after it was read', async () => {
    await written(some)
    await written([{ n: 4 }])
    expect(plain((await look()).records)).toEqual(plain([...some, { n: 4 }]))
    expect((await look()).found).toBe('whole')
  })

  test('rewritten: only that, and what was appended behind it', async () => {
    const { disk } = await openCheckpoint(folder)
    const order: number[] = []
    disk.append([{ n: 1 }], () => order.push(1))
    disk.append([{ n: 2 }], () => order.push(2))
    disk.rewrite([{ all: 3 }], () => order.push(3))
    disk.append([{ n: 4 }, { n: 5 }], () => order.push(4))
    disk.append([], () => order.push(5))
    await disk.close()
    expect(order).toEqual([1, 2, 3, 4, 5])
    expect((await look()).records).toEqual([{ all: 3 }, { n: 4 }, { n: 5 }])
    expect(await append(disk, [{}])).toBeInstanceOf(CheckpointError)
  })

  test('by any way to the folder, and by one with a very long name', async () => {
    folder = join(base, 'x'.repeat(200), 'y')
    file = join(folder, 'checkpoint')
    await written(some)
    const way = join(base, 'way')
    symlinkSync(folder, way)
    const { disk, records } = await openCheckpoint(way)
    await disk.close()
    expect(records.length).toBe(3)
  })
})

describe('group commit:', () => {
  test('what comes while a batch is on its way goes as one, and is told in order after it is safe', async () => {
    const calls: string[] = []
    const files = withCalls({
      create: async (path) => {
        const real = await realFiles.create(path)
        return {
          ...real,
          write: (bytes, position) => real.write(bytes, position).finally(() => calls.push('write')),
          datasync: () => real.datasync().finally(() => calls.push('sync')),
        }
      },
    })
    const { disk } = await openCheckpoint(folder, { files })
    await setTimeout(5)
    calls.length = 0
    for (let n = 0; n < 50; n++) disk.append([{ n }], () => calls.push(`${n}`))
    await disk.close()
    const rest = Array.from({ length: 49 }, (_, n) => `${n + 1}`)
    // The first write makes room for all that follow.
    expect(calls).toEqual(['write', 'write', 'sync', '0', 'write', 'sync', ...rest, 'write'])
  })

  test('a short write is gone on with', async () => {
    const files = withCalls({
      create: async (path) => {
        const real = await realFiles.create(path)
        const half = (bytes: Uint8Array) => bytes.subarray(0, Math.ceil(bytes.length / 2))
        return { ...real, write: (bytes, position) => real.write(half(bytes), position) }
      },
    })
    const { disk } = await openCheckpoint(folder, { files })
    for (const record of some) await append(disk, [record])
    await disk.close()
    expect(plain((await look()).records)).toEqual(plain(some))
  })
})

describe('tears and damage:', () => {
  const framed = (bodies: readonly object[]) => bodies.map(encode)

  test('cut at every byte of the last record: all earlier ones are read', async () => {
    const before = (await written(some.slice(0, 2))).length
    const whole = await written(some.slice(2))
    const all = readFileOf(whole)
    expect('records' in all && all.records.length).toBe(3)
    for (let size = before; size < whole.length; size++) {
      const reading = readFileOf(whole.subarray(0, size))
      expect('records' in reading && plain(reading.records)).toEqual(
        plain(some.slice(0, 'records' in reading ? reading.records.length : 0)),
      )
      expect('records' in reading && reading.records.length).toBeGreaterThanOrEqual(2)
    }
  })

  test('a torn tail is noted, dropped, and written over', async () => {
    const whole = await written(some)
    // The seal at the end has 14 bytes, and the last record some more.
    truncateSync(file, whole.length - 16)
    const seen = await look()
    expect(seen).toMatchObject({ found: 'torn', note: expect.stringMatching(/\d+ bytes/) })
    expect(plain(seen.records)).toEqual(plain(some.slice(0, 2)))
    await written([{ n: 9 }])
    expect(plain((await look()).records)).toEqual(plain([...some.slice(0, 2), { n: 9 }]))
  })

  test('any byte flipped, any way: what is read is true, and what was safe is never dropped', async () => {
    const whole = await written(some)
    const seal = whole.length - 14
    for (let at = 0; at < whole.length; at++)
      for (const flip of [1, 0x80, 0xff]) {
        const bytes = Buffer.from(whole)
        bytes[at] = (bytes[at] ?? 0) ^ flip
        const reading = readFileOf(bytes)
        if (at < seal) expect(reading).toHaveProperty('damagedAt')
        else expect('records' in reading && plain(reading.records)).toEqual(plain(some))
      }
  })

  test('any page of the last batch lost by a power loss is a tear, whatever came behind it', () => {
    const { bytes, salt } = fileOf(header(), framed([{ n: 0 }]))
    const bodies = framed(Array.from({ length: 10 }, (_, n) => ({ n, text: 'x'.repeat(90) })))
    const batch = framesOf(bodies, salt, bytes.length, bytes.length)
    for (let from = 0; from < batch.length; from += 50) {
      const lost = Buffer.concat([bytes, batch])
      lost.fill(0, bytes.length + from, Math.min(lost.length, bytes.length + from + 50))
      const reading = readFileOf(lost)
      const kept = Math.floor(from / (batch.length / 10))
      expect('records' in reading && reading.records.length).toBe(1 + kept)
    }
  })

  test('a seal that is lost before a batch that is not is a tear: it was not safe either', () => {
    const { bytes, salt } = fileOf(header(), framed([{ n: 0 }]))
    const batch = framesOf(framed([{ n: 1 }]), salt, bytes.length + 14, bytes.length)
    const reading = readFileOf(Buffer.concat([bytes, Buffer.alloc(14), batch]))
    expect(reading).toMatchObject({ records: [{ n: 0 }], tornBytes: 14 + batch.length })
  })

  test('frames of another file, or moved ones, are not taken for records', () => {
    const one = fileOf(header(), framed([{ n: 0 }]))
    const foreign = framesOf(framed([{ n: 1 }]), one.salt ^ 1, one.bytes.length, one.bytes.length)
    const moved = framesOf(framed([{ n: 1 }]), one.salt, one.bytes.length + 1, one.bytes.length)
    for (const behind of [foreign, moved])
      expect(readFileOf(Buffer.concat([one.bytes, behind]))).toMatchObject({ records: [{ n: 0 }] })
  })

  test('a damaged file is set aside, and an empty one begun', async () => {
    const bytes = await written(some)
    bytes[60] = (bytes[60] ?? 0) ^ 1
    writeFileSync(file, bytes)
    const seen = await look()
    expect(seen).toMatchObject({ found: 'corrupt', records: [], note: expect.stringContaining('set aside') })
    const aside = readdirSync(folder).filter((name) => /^checkpoint\.corrupt-\d+$/.test(name))
    expect(aside.map((name) => readFileSync(join(folder, name)))).toEqual([bytes])
    expect(await look()).toEqual({ found: 'whole', records: [] })
  })

  test.each([0, 5, 19, 23, 40])(
    'a file of %i bytes is damaged, for none is ever begun in place',
    async (size) => {
      await written(some)
      truncateSync(file, size)
      expect((await look()).found).toBe('corrupt')
    },
  )
})

describe('whose it is:', () => {
  test('another start of the machine: read, but nothing is changed before the rewrite', async () => {
    const bytes = await written(some)
    const { disk, found, records } = await openCheckpoint(folder, { boot: 'later' })
    expect(found).toBe('other-boot')
    expect(plain(records)).toEqual(plain(some))
    expect((await append(disk, [{ n: 4 }]))?.message).toContain('rewrite it first')
    expect(readFileSync(file)).toEqual(bytes)
    expect(await rewrite(disk, [{ former: 1 }])).toBeUndefined()
    expect(await append(disk, [{ n: 5 }])).toBeUndefined()
    await disk.close()
    expect(await look({ boot: 'later' })).toEqual({ found: 'whole', records: [{ former: 1 }, { n: 5 }] })
  })

  test('a start told by the clock, which may be set a little', async () => {
    const { disk } = await openCheckpoint(folder, { boot: 'since 1000' })
    await disk.close()
    expect((await look({ boot: 'since 1030' })).found).toBe('whole')
    expect((await look({ boot: 'since 1200' })).found).toBe('other-boot')
  })

  test('a copy is refused, and a folder that was moved back is not', async () => {
    await written(some)
    const copy = `${folder}-copy`
    mkdirSync(copy)
    copyFileSync(file, join(copy, 'checkpoint'))
    await expect(openCheckpoint(copy)).rejects.toThrow(/was written in .* move it back there, or remove/)
    renameSync(folder, `${folder}-moved`)
    await expect(openCheckpoint(`${folder}-moved`)).rejects.toThrow(CheckpointError)
    renameSync(`${folder}-moved`, folder)
    expect((await look()).found).toBe('whole')
  })

  test('a newer format is refused and left as it is', async () => {
    mkdirSync(folder)
    const { bytes } = fileOf({ ...header(), version: 2 }, [])
    writeFileSync(file, Buffer.concat([bytes, Buffer.from('anything')]))
    await expect(openCheckpoint(folder)).rejects.toThrow(/format 2.*start the version that wrote it/)
    await expect(openCheckpoint(folder)).rejects.toThrow(/format 2/)
    expect(readFileSync(file).length).toBe(bytes.length + 8)
  })

  test('what cannot be read is not written over', async () => {
    mkdirSync(file, { recursive: true })
    await expect(openCheckpoint(folder)).rejects.toThrow(/cannot be opened: EISDIR/)
  })
})

describe('errors of the disk:', () => {
  type Call = 'create' | 'write' | 'datasync' | 'rename' | 'syncFolder'
  const calls: readonly Call[] = ['create', 'write', 'datasync', 'rename', 'syncFolder']
  let failing: Call | undefined
  const fail = async (call: Call) => {
    if (failing === call)
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  }
  const files: Files = {
    async create(path) {
      await fail('create')
      const real = await realFiles.create(path)
      return {
        ...real,
        // What fails has written a part.
        write: async (bytes, position) => {
          if (failing === 'write') await real.write(bytes.subarray(0, 9), position)
          return fail('write').then(() => real.write(bytes, position))
        },
        datasync: () => fail('datasync').then(() => real.datasync()),
      }
    },
    rename: (from, to) => fail('rename').then(() => realFiles.rename(from, to)),
    syncFolder: (path) => fail('syncFolder').then(() => realFiles.syncFolder(path)),
  }
  beforeEach(() => {
    failing = undefined
  })

  test.each(['write', 'datasync'] as const)(
    'after a failed %s every append fails, until a rewrite',
    async (call) => {
      const { disk } = await openCheckpoint(folder, { files })
      expect(await append(disk, [{ n: 1 }])).toBeUndefined()
      failing = call
      const both = await Promise.all([append(disk, [{ n: 2 }]), append(disk, [{ n: 3 }])])
      failing = undefined
      for (const error of [...both, await append(disk, [{ n: 4 }])])
        expect(error?.message).toMatch(/cannot be written: ENOSPC/)
      const [, behind] = await Promise.all([rewrite(disk, [{ all: 1 }]), append(disk, [{ n: 5 }])])
      expect(behind).toBeUndefined()
      await disk.close()
      expect(await look()).toEqual({ found: 'whole', records: [{ all: 1 }, { n: 5 }] })
    },
  )

  test.each(calls)('a rewrite whose %s fails leaves the old or the new', async (call) => {
    const { disk } = await openCheckpoint(folder, { files })
    await append(disk, [{ old: 1 }])
    failing = call
    expect(await rewrite(disk, [{ new: 1 }])).toBeInstanceOf(CheckpointError)
    failing = undefined
    expect(await append(disk, [{ n: 2 }])).toBeInstanceOf(CheckpointError)
    await disk.close()
    const { found, records } = await look()
    expect(found).toBe('whole')
    expect(records).toEqual(call === 'syncFolder' ? [{ new: 1 }] : [{ old: 1 }])
    expect(readdirSync(folder)).toEqual(['checkpoint'])
  })

  test.each(calls)('where %s fails from the first, what was written is read all the same', async (call) => {
    await written(some)
    failing = call
    const { disk, records, found, note } = await openCheckpoint(folder, { files })
    expect(plain(records)).toEqual(plain(some))
    expect([found, note]).toEqual(['whole', expect.stringContaining('ENOSPC')])
    expect(await append(disk, [{}])).toBeInstanceOf(CheckpointError)
    failing = undefined
    expect(await rewrite(disk, [...some])).toBeUndefined()
    await disk.close()
  })

  const canMount = tryMount()
  if (!canMount)
    console.warn('checkpoint: no tmpfs can be mounted here: the full and the read-only disk are skipped')

  test.skipIf(!canMount)('a disk that is full, and one that nobody may write to', async () => {
    mkdirSync(folder)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder])
    try {
      // What others write on the same disk.
      writeFileSync(join(folder, 'other'), Buffer.alloc(8192))
      const { disk } = await openCheckpoint(folder)
      let kept = 0
      while (!(await append(disk, [{ n: kept, text: 'x'.repeat(1000) }]))) kept++
      expect(kept).toBeGreaterThan(20)
      expect((await rewrite(disk, [{ all: 'x'.repeat(60_000) }]))?.message).toContain('ENOSPC')
      await disk.close()
      const again = await openCheckpoint(folder)
      expect(again.records.length).toBe(kept)
      expect(again.note).toContain('ENOSPC')
      expect(await append(again.disk, [{}])).toBeInstanceOf(CheckpointError)
      rmSync(join(folder, 'other'))
      expect(await rewrite(again.disk, [{ few: 1 }])).toBeUndefined()
      await again.disk.close()
      execFileSync('mount', ['-o', 'remount,ro', folder])
      await expect(openCheckpoint(folder)).rejects.toThrow(/EROFS|read-only/)
    } finally {
      execFileSync('umount', ['-l', folder])
    }
  })
})

function tryMount(): boolean {
  const at = mkdtempSync(join(base, 'mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', at], { stdio: 'ignore' })
    execFileSync('umount', [at])
    return true
  } catch {
    return false
  }
}

test('the room that was made ready for more is no damage, and a file that was closed has none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-checkpoint-'))
  const { disk } = await openCheckpoint(folder)
  await new Promise<void>((resolve) => disk.append([{ n: 1 }], () => resolve()))
  const path = join(folder, 'checkpoint')
  const crashed = readFileSync(path)
  expect(crashed.length).toBeGreaterThan(200_000)
  await disk.close()
  expect(readFileSync(path).length).toBeLessThan(1000)
  writeFileSync(path, crashed)
  const again = await openCheckpoint(folder)
  expect([again.found, again.records]).toEqual(['whole', [{ n: 1 }]])
  await again.disk.close()
  rmSync(folder, { recursive: true })
})
