import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atFrame, demux, type Rest } from '../services/runtime/isolation/docker/demux.ts'

function frame(stream: number, payload: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

/** What comes out when the bytes arrive in these chunks. */
function read(chunks: Iterable<Uint8Array>) {
  const out: { stdout: Uint8Array[]; stderr: Uint8Array[] } = { stdout: [], stderr: [] }
  let rest: Rest = atFrame
  for (const chunk of chunks) {
    const demuxed = demux(rest, chunk)
    rest = demuxed.rest
    out.stdout.push(demuxed.stdout)
    out.stderr.push(demuxed.stderr)
  }
  return { stdout: Buffer.concat(out.stdout), stderr: Buffer.concat(out.stderr), rest }
}

const text = (words: string) => Buffer.from(words)

describe('demux', () => {
  it('parts stdout from stderr', () => {
    const bytes = Buffer.concat([frame(1, text('to be ')), frame(2, text('oh!')), frame(1, text('or not'))])
    const { stdout, stderr } = read([bytes])
    expect(stdout.toString()).toBe('to be or not')
    expect(stderr.toString()).toBe('oh!')
  })

  it('passes over empty frames and streams that it does not know', () => {
    const bytes = Buffer.concat([
      frame(1, text('')),
      frame(0, text('in')),
      frame(3, text('?')),
      frame(1, text('out')),
    ])
    expect(read([bytes])).toMatchObject({ stdout: text('out'), stderr: text('') })
  })

  it('reads a hundred thousand frames of one byte in one chunk', () => {
    const frames = Array.from({ length: 100_000 }, (_, i) => frame(1 + (i % 2), text(i % 2 ? 'e' : 'o')))
    const { stdout, stderr } = read([Buffer.concat(frames)])
    expect(stdout.toString()).toBe('o'.repeat(50_000))
    expect(stderr.toString()).toBe('e'.repeat(50_000))
  })

  it('reads the same wherever the chunks are cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(0, 1, 2), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(frames, fc.array(fc.nat(30), { minLength: 1, maxLength: 60 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(([stream, payload]) => frame(stream, payload)))
        const of = (stream: number) =>
          Buffer.concat(sent.filter(([to]) => to === stream).map(([, payload]) => payload))
        const { stdout, stderr, rest } = read(cut(bytes, cuts))
        expect(stdout).toEqual(of(1))
        expect(stderr).toEqual(of(2))
        expect([rest.header.length, rest.missing]).toEqual([0, 0])
      }),
    )
  })

  it('reads byte by byte', () => {
    const bytes = Buffer.concat([frame(1, text('abc')), frame(2, text('d'))])
    expect(read(cut(bytes, [1]))).toMatchObject({ stdout: text('abc'), stderr: text('d') })
  })

  it('keeps nothing of a chunk that it was lent', () => {
    const bytes = Buffer.from(frame(1, text('abc')))
    const first = demux(atFrame, bytes.subarray(0, 5))
    bytes.fill(0, 0, 5)
    expect(demux(first.rest, bytes.subarray(5)).stdout).toEqual(new Uint8Array(text('abc')))
  })
})

/** The bytes in chunks of these lengths, again and again; lengths of 0 are chunks too. */
function* cut(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  const steps = lengths.some((length) => length > 0) ? lengths : [1]
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = steps[i % steps.length] ?? 1
    yield bytes.subarray(at, at + length)
    at += length
  }
}
