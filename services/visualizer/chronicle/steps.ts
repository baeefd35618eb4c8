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

  /** In the order of their positions, from 0 on. */
  keep(position: number, step: Step): void {
    const packed = encode(step)
    const chunk = Math.floor(position / chunkSize)
    const list = this.#chunks[chunk] ?? []
    this.#chunks[chunk] = list
    // What the packer gives is a view on its own, larger buffer.
    list[position % chunkSize] = new Uint8Array(packed)
  }

  read(position: number): Step | undefined {
    const packed = this.#chunks[Math.floor(position / chunkSize)]?.[position % chunkSize]
    return packed && (unpack(packed) as unknown as Step)
  }

  dropBelow(position: number): void {
    for (let chunk = Math.floor(position / chunkSize) - 1; chunk >= 0; chunk--) {
      if (!this.#chunks[chunk]) return
      this.#chunks[chunk] = undefined
    }
  }
}
