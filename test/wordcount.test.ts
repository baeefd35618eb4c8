/** The word count: what it counts is what `tr`, `sort` and `uniq` count, wherever the text is cut. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cutIntoChunks, listFiles, readChunk, type TextFile } from '../services/frameworks/wordcount/files.ts'
import { asUniq, byCount, byWord, wordCount } from '../services/frameworks/wordcount/index.ts'
import {
  maxChunkBytes,
  readCounted,
  readTask,
  writeCounted,
} from '../services/frameworks/wordcount/payloads.ts'
import { countWords, WordTotals } from '../services/frameworks/wordcount/words.ts'
import { SimulatedCluster } from '../services/simulator/index.ts'

const pipeline = "export LC_ALL=C; tr -cs 'A-Za-z' '\\n' | tr 'A-Z' 'a-z' | sort | uniq -c"

const byShell = (text: Uint8Array, more = '') =>
  spawnSync('sh', ['-c', `${pipeline}${more}`], { input: text, maxBuffer: 2 ** 26 }).stdout.toString('latin1')

/** Byte by byte, in no hurry: what the pipeline does, said once more. */
function naive(text: Uint8Array): string {
  let squeezed = ''
  for (const byte of text) {
    const letter = String.fromCharCode(byte)
    if (/[A-Za-z]/.test(letter)) squeezed += letter
    else if (!squeezed.endsWith('\n')) squeezed += '\n'
  }
  const lines = squeezed.replace(/\n$/, '').toLowerCase()
  if (squeezed === '') return ''
  const counts = new Map<string, number>()
  for (const line of lines.split('\n').sort()) counts.set(line, (counts.get(line) ?? 0) + 1)
  return [...counts].map(([word, count]) => `${String(count).padStart(7, ' ')} ${word}\n`).join('')
}

/** As it is counted in chunks, which come in any order and over the bus. */
function inChunks(chunks: readonly Uint8Array[], order: readonly number[]): string {
  const totals = new WordTotals()
  for (const index of order)
    totals.add(index, readCounted(writeCounted(countWords(chunks[index] ?? new Uint8Array()))))
  return asUniq(byWord(totals.finish()))
}

function cutAt(text: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
  return [...ends, text.length]
    .map((end, index) => text.subarray(ends[index - 1] ?? 0, end))
    .filter((chunk) => chunk.length > 0)
}

const ours = (text: Uint8Array, places: readonly number[] = []) => {
  const chunks = cutAt(text, places)
  return inChunks(chunks, [...chunks.keys()].reverse())
}

/** Few letters and many borders, so that words meet; and any byte, so that nothing is taken for a letter. */
const byte = fc.oneof(
  fc.constantFrom(...Buffer.from('aAbZz \n-\0')),
  fc.constantFrom(0x40, 0x5b, 0x60, 0x7b, 0x80, 0xc0, 0xe9, 0xff),
  fc.integer({ min: 0, max: 255 }),
)
const anyText = fc.array(byte, { maxLength: 200 }).map((bytes) => Uint8Array.from(bytes))
const anyCuts = fc.array(fc.nat(300), { maxLength: 20 })

describe('words', () => {
  test('are those of a naive count, for any bytes, cut anywhere', () => {
    fc.assert(
      fc.property(anyText, anyCuts, (text, cuts) => ours(text, cuts) === naive(text)),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['nothing', ''],
    ['no letter', '12 34\n'],
    ['one letter', 'a'],
    ['a word without an end', 'The quick, the QUICK'],
    ['a line end before', '\n\nthe end\n'],
    ['names that objects have', 'constructor toString __proto__ hasOwnProperty constructor'],
    ['letters of other alphabets', 'Straße, café, ŝi, İstanbul, ſ, K'],
  ])('are those of the shell: %s', (_, text) => {
    const bytes = Buffer.from(text)
    expect(naive(bytes)).toBe(byShell(bytes))
    expect(ours(bytes)).toBe(byShell(bytes))
    expect(
      ours(
        bytes,
        [...bytes].map((_, index) => index),
      ),
    ).toBe(byShell(bytes))
  })

  test('are those of the shell in a program, whose bytes are no text', () => {
    const program = execFileSync('cat', [process.execPath], { maxBuffer: 2 ** 28 }).subarray(0, 1_500_000)
    const every = Array.from({ length: 12 }, (_, index) => index * 123_457)
    expect(ours(program, every)).toBe(byShell(program))
  })

  test('that are most frequent come as `sort -rn` has them', () => {
    const text = Buffer.from('b b a a c c c d e f d')
    const totals = new WordTotals()
    totals.add(0, countWords(text))
    expect(asUniq(byCount(totals.finish()))).toBe(byShell(text, ' | sort -rn'))
  })

  test('of a chunk fit in half a message, whatever the chunk holds', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    // Every word once, the short ones first: no text has more to tell in as many bytes.
    let text = ''
    for (let number = 0; text.length < maxChunkBytes; number++) {
      let word = ''
      for (let rest = number; rest >= 0; rest = Math.floor(rest / 26) - 1) word = letters[rest % 26] + word
      text += `${word} `
    }
    const chunk = Buffer.from(text).subarray(0, maxChunkBytes)
    expect(writeCounted(countWords(chunk)).length).toBeLessThan(512 * 1024)
  })
})

describe('files', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'proffer-test-words-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function make(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
    const root = join(folder, name)
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), content)
    }
    return root
  }

  test('are found as `find -L` finds them, in the order of their bytes', () => {
    const root = make('tree', { 'a/z': '1', 'a-b': '2', 'a.c': '', é: '3', '\u{1f600}': '4', '\uffee': '5' })
    symlinkSync(join(root, 'a'), join(root, 'linked'))
    symlinkSync('..', join(root, 'a', 'circle'))
    symlinkSync('nowhere', join(root, 'broken'))
    execFileSync('mkfifo', [join(root, 'pipe')])
    const found = spawnSync('sh', ['-c', 'find -L "$1" -type f -print0 | LC_ALL=C sort -z', 'sh', root])
    const { files, skipped } = listFiles(root)
    expect(files.map(({ path }) => path)).toEqual(found.stdout.toString().split('\0').slice(0, -1))
    expect(skipped).toEqual([`${join(root, 'broken')}: it does not exist`])
  })

  test('that are not there are told in a sentence', () => {
    expect(() => listFiles(join(folder, 'absent'))).toThrow(/absent cannot be read: it does not exist$/)
    symlinkSync('turn', join(folder, 'turn'))
    expect(() => listFiles(join(folder, 'turn'))).toThrow('cannot be read: its links lead in a circle')
  })

  test('are cut into chunks that hold every byte once', async () => {
    const root = make('cut', { a: 'aaaa', b: '', c: 'bb', d: 'cccccccccccc', e: 'd' })
    const { files } = listFiles(root)
    for (const size of [1, 2, 3, 5, 7, 100]) {
      const chunks = await Promise.all(cutIntoChunks(files, size).map(readChunk))
      expect(Buffer.concat(chunks).toString()).toBe('aaaabbccccccccccccd')
      expect(chunks.every((chunk) => chunk.length > 0 && chunk.length <= size)).toBe(true)
    }
  })

  test('that are many come in chunks that can be said in a message', () => {
    const files = Array.from({ length: 1000 }, (_, index) => ({ path: `/${index}`, bytes: 1 }))
    const chunks = cutIntoChunks(files, maxChunkBytes)
    expect(chunks.flat()).toHaveLength(1000)
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(32)
  })

  test('that shrink or go while they are counted are told', async () => {
    const root = make('shrinks', { a: 'some words' })
    const [chunk = []] = cutIntoChunks(listFiles(root).files, 100)
    truncateSync(join(root, 'a'), 3)
    await expect(readChunk(chunk)).rejects.toThrow('has become shorter while it was counted')
    rmSync(join(root, 'a'))
    await expect(readChunk(chunk)).rejects.toThrow('cannot be read: it does not exist')
  })
})

describe('on a simulated cluster', () => {
  const texts = ['The cat, the d', 'og and THE ', '', 'bird', 's. ', '42', 'cat']
  const files: TextFile[] = texts.map((text, index) => ({ path: `${index}`, bytes: text.length }))
  const slave = { resources: { cpus: 1, mem: 256 } }

  function countIn(cluster: SimulatedCluster) {
    let counted = 0
    const words = wordCount(files, { chunkBytes: 5, onProgress: (done) => (counted = done) })
    cluster.addMaster('M0')
    cluster.addFramework('words', words)
    return { words, isDone: () => counted === words.chunks }
  }

  const read = (payload: Uint8Array) =>
    readTask(payload)
      .map(({ path, from, to }) => (texts[Number(path)] ?? '').slice(from, to))
      .join('')
  const counting = {
    onLaunch: (task: { payload: Uint8Array; finished(word: { payload: Uint8Array }): void }) =>
      task.finished({ payload: writeCounted(countWords(Buffer.from(read(task.payload)))) }),
  }

  test('chunks are counted where there is room, and joined', async () => {
    const cluster = new SimulatedCluster({ executors: { wordcount: counting } })
    const { words, isDone } = countIn(cluster)
    for (const name of ['S0', 'S1']) cluster.addSlave(name, slave)
    cluster.until(isDone)
    expect(asUniq(byWord(await words.counts))).toBe(byShell(Buffer.from(texts.join(''))))
  })

  test('an idle executor goes, and a lost one is made up for', async () => {
    let lost = 0
    const shaky = {
      onLaunch: (task: Parameters<typeof counting.onLaunch>[0]) => {
        if (lost++ === 0) cluster.kill('S0')
        else counting.onLaunch(task)
      },
    }
    const cluster: SimulatedCluster = new SimulatedCluster({
      master: { slaveGoneSeconds: 10 },
      executors: { wordcount: shaky },
    })
    const { words, isDone } = countIn(cluster)
    cluster.addSlave('S0', slave)
    cluster.until(() => lost > 0)
    const { ledger } = cluster.addSlave('S1', slave)
    cluster.until(isDone)
    expect(asUniq(byWord(await words.counts))).toBe(byShell(Buffer.from(texts.join(''))))
    const custom = () => [...ledger.executors.values()].filter(({ spec }) => spec)
    expect(custom()).toHaveLength(1)
    cluster.until(() => custom().length === 0, 30)
  })

  test('a chunk that cannot be read fails the count, in words', async () => {
    const failing = {
      onLaunch: (task: { failed(why: string): void }) => task.failed('/x cannot be read: gone'),
    }
    const cluster = new SimulatedCluster({ executors: { wordcount: failing } })
    const { words, isDone } = countIn(cluster)
    cluster.addSlave('S0', slave)
    cluster.until(isDone)
    await expect(words.counts).rejects.toThrow('/x cannot be read: gone')
  })
})
