/** What scheduler and executor of the word count tell each other: JSON, since Proffer carries any bytes. */
import type { Chunk } from './files.ts'
import type { Counted } from './words.ts'

/**
 * The most that a chunk may have, bytes. A word with its count takes less than three times the bytes that it takes in
 * the text, so what comes back stays below the half megabyte that one message on the bus should not exceed.
 */
export const maxChunkBytes = 128 * 1024

export const writeTask = (chunk: Chunk): Uint8Array => write(chunk)
export const readTask = (payload: Uint8Array): Chunk => read(payload) as Chunk
export const writeCounted = (counted: Counted): Uint8Array => write(counted)
export const readCounted = (payload: Uint8Array): Counted => read(payload) as Counted

const write = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const read = (payload: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(payload))
