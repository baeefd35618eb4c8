/**
 * Parts the one stream of a container's output into its two. The engine sends frames: a byte for the stream (1 stdout,
 * 2 stderr), three of zero, the length in four (big endian), and so many bytes. Frames are cut anywhere, and a
 * run that writes single bytes makes ten times as many bytes of headers: the work done is linear in what arrives.
 *
 * Docker Engine API, "Attach to a container", stream format.
 */
export interface Demuxed {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** To be handed in with the next chunk. */
  readonly rest: Rest
}

/** Where in a frame the last chunk broke off. */
export interface Rest {
  /** The part of a header that was there. */
  readonly header: Uint8Array
  /** So many bytes of the frame are still to come, of this stream. */
  readonly missing: number
  readonly stream: number
}

const headerLength = 8
const stdout = 1
const stderr = 2

export const atFrame: Rest = { header: new Uint8Array(), missing: 0, stream: 0 }

export function demux(rest: Rest, chunk: Uint8Array): Demuxed {
  const bytes = rest.header.length > 0 ? Buffer.concat([rest.header, chunk]) : chunk
  const out = { [stdout]: pile(bytes.length), [stderr]: pile(bytes.length) }
  let { missing, stream } = rest
  let at = 0
  for (;;) {
    const length = Math.min(missing, bytes.length - at)
    if (stream === stdout || stream === stderr) out[stream].add(bytes.subarray(at, at + length))
    missing -= length
    at += length
    if (missing > 0 || bytes.length - at < headerLength) break
    stream = bytes[at] ?? 0
    missing = lengthIn(bytes, at)
    at += headerLength
  }
  const header = Uint8Array.from(bytes.subarray(at))
  return { stdout: out[stdout].taken(), stderr: out[stderr].taken(), rest: { header, missing, stream } }
}

const lengthIn = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset + at, headerLength).getUint32(4)

/** Bytes put one behind the other, in a place made when there is a first one. */
function pile(room: number) {
  let bytes: Uint8Array | undefined
  let length = 0
  return {
    add: (more: Uint8Array) => {
      if (more.length === 0) return
      bytes ??= new Uint8Array(room)
      bytes.set(more, length)
      length += more.length
    },
    taken: (): Uint8Array => (bytes ?? new Uint8Array()).subarray(0, length),
  }
}
