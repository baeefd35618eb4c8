/**
 * The bytes of a checkpoint: a line that says what it is, a salt, and frames. A frame is a checksum, a length, how
 * much of the file was safe on the disk when it was written, and a body in msgpack. The first body is the header; a
 * frame without a body is a seal.
 *
 * One batch at a time is on its way to the disk, and a power loss may leave any part of it, its pages in any order.
 * What tells that from damage is what later frames say: a bad frame that was safe when one of them was written has
 * been damaged since. A seal is written for just that, when no batch follows.
 */
import { randomInt } from 'node:crypto'
import { encode, unpack } from '../../../shared/codec.ts'

const magic = Buffer.from('proffer checkpoint\n')
const preambleBytes = magic.length + 4
const frameBytes = 14

export const version = 1

export interface Header {
  readonly version: number
  readonly boot: string
  readonly folder: string
}

export interface Reading {
  readonly header: Header
  readonly records: object[]
  /** What a crash has left of a last batch. */
  readonly tornBytes: number
}

/** Where the first damage is. */
export interface Damage {
  readonly damagedAt: number
}

/**
 * Frames that are written at `position` by one write, when all up to `safe` is on the disk. The checksum begins with salt and place, so that neither an
 * older file's blocks nor a stranger's words within a body are ever taken for a frame.
 */
export function framesOf(
  bodies: readonly Uint8Array[],
  salt: number,
  position: number,
  safe: number,
): Buffer {
  const size = bodies.reduce((sum, body) => sum + frameBytes + body.length, 0)
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const body of bodies) {
    const end = at + frameBytes + body.length
    bytes.writeUInt32BE(body.length, at + 4)
    bytes.writeUIntBE(safe, at + 8, 6)
    bytes.set(body, at + frameBytes)
    bytes.writeUInt32BE(checksum(bytes.subarray(at + 4, end), salt + position + at), at)
    at = end
  }
  return bytes
}

/** Says that all before it is safe on the disk. */
export const sealOf = (salt: number, position: number): Buffer =>
  framesOf([new Uint8Array()], salt, position, position)

/** A whole file. It gets its name when it is safe on the disk, so all before a frame counts as safe. */
export function fileOf(header: Header, bodies: readonly Uint8Array[]): { bytes: Buffer; salt: number } {
  const salt = randomInt(2 ** 32)
  const preamble = Buffer.concat([magic, Buffer.alloc(4)])
  preamble.writeUInt32BE(salt, magic.length)
  const parts: Uint8Array[] = [preamble]
  let position = preamble.length
  for (const body of [encode(header), ...bodies, new Uint8Array()]) {
    const frame = framesOf([body], salt, position, position)
    parts.push(frame)
    position += frame.length
  }
  return { bytes: Buffer.concat(parts), salt }
}

export function readFileOf(bytes: Buffer): Reading | Damage {
  if (bytes.length < preambleBytes || !magic.equals(bytes.subarray(0, magic.length))) return { damagedAt: 0 }
  const salt = bytes.readUInt32BE(magic.length)
  const first = frameAt(bytes, salt, preambleBytes)
  const header = first && asHeader(unpack(first.body))
  if (!header) return { damagedAt: preambleBytes }
  // What follows is laid out as that version likes.
  if (header.version !== version) return { header, records: [], tornBytes: 0 }
  const rest = readRecords(bytes, salt, first.end)
  return 'damagedAt' in rest ? rest : { header, ...rest }
}

function readRecords(bytes: Buffer, salt: number, from: number): Omit<Reading, 'header'> | Damage {
  const records: object[] = []
  let at = from
  for (let frame = frameAt(bytes, salt, at); frame; frame = frameAt(bytes, salt, at)) {
    const record = frame.body.length > 0 ? unpack(frame.body) : undefined
    if (record) records.push(record)
    else if (frame.body.length > 0) return { damagedAt: at }
    at = frame.end
  }
  const used = bytes.subarray(0, endOf(bytes, at))
  if (wasSafe(used, salt, at)) return { damagedAt: at }
  return { records, tornBytes: used.length - at }
}

/** Where the zeros begin that were made ready for more, not before `from`. */
function endOf(bytes: Buffer, from: number): number {
  let end = bytes.length
  while (end > from && bytes[end - 1] === 0) end--
  return end
}

/** Whether any frame further on, wherever it stands, was written when what is at `place` was safe on the disk. */
function wasSafe(bytes: Buffer, salt: number, place: number): boolean {
  for (let at = place + 1; at + frameBytes <= bytes.length; at++)
    if (bytes.readUIntBE(at + 8, 6) > place && frameAt(bytes, salt, at)) return true
  return false
}

interface Frame {
  readonly body: Buffer
  readonly end: number
}

/** The frame at a place; undefined where there is none, or one that does not hold. */
function frameAt(bytes: Buffer, salt: number, at: number): Frame | undefined {
  if (at + frameBytes > bytes.length) return undefined
  const end = at + frameBytes + bytes.readUInt32BE(at + 4)
  if (end > bytes.length || bytes.readUIntBE(at + 8, 6) > at) return undefined
  if (checksum(bytes.subarray(at + 4, end), salt + at) !== bytes.readUInt32BE(at)) return undefined
  return { body: bytes.subarray(at + frameBytes, end), end }
}

function asHeader(body: Record<string, unknown> | undefined): Header | undefined {
  if (!body) return undefined
  const { version, boot, folder } = body
  const isHeader = typeof version === 'number' && typeof boot === 'string' && typeof folder === 'string'
  return isHeader ? { version, boot, folder } : undefined
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1
  return rest
})

/** CRC-32 that begins with a seed; Node's own is not in every Node 20. */
function checksum(bytes: Uint8Array, seed: number): number {
  let crc = ~seed
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc >>> 0
}
