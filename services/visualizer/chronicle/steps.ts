/** Where whole steps lie: in memory while a cluster lives, in their file when they were recorded. */
import { encode, unpack } from '../../../shared/codec.ts'
import type { Step } from '../../../shared/trace.ts'
import { chunkSize } from './column.ts'

export interface Steps {
  /** Undefined when it was let go, or cannot be read any more. */
  read(position: number): Step | undefined
  dropBelow(position: number): void
}

/** Steps as they came from the bus: packed they need a fifth of the room. */
export class PackedSteps implements Steps {
  readonly #chunks: (Uint8Array[] | undefined)[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** In the order of their positions, from 0 on. */
  keep(position: number, step: Step): void {
    const packed = encode(step)
    const chunk = Math.floor(position / chunkSize)
    const list = this.#chunks[chunk] ?? []
    this.#chunks[chunk] = list
    // What the packer gives is a view on its own, larger buffer.
    list[position % chunkSize] = new Uint8Array(packed)
    this.#bytes += packed.byteLength
  }

  read(position: number): Step | undefined {
    const packed = this.#chunks[Math.floor(position / chunkSize)]?.[position % chunkSize]
    return packed && (unpack(packed) as unknown as Step)
  }

  dropBelow(position: number): void {
    for (let chunk = Math.floor(position / chunkSize) - 1; chunk >= 0; chunk--) {
      const list = this.#chunks[chunk]
      if (!list) return
      for (const packed of list) this.#bytes -= packed?.byteLength ?? 0
      this.#chunks[chunk] = undefined
    }
  }
}
