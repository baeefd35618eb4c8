/** Lines in blocks: what is full is drawn once, and only the last block changes. */
import type { LogLine } from './logText.ts'

export interface Block {
  readonly key: number
  readonly lines: readonly LogLine[]
  /** Another where something of the block is another. */
  readonly version: string
}

const linesPerBlock = 100

export function blocksOf(lines: readonly LogLine[]): Block[] {
  const blocks = new Map<number, LogLine[]>()
  for (const line of lines) {
    const key = Math.floor(line.number / linesPerBlock)
    const block = blocks.get(key)
    if (block) block.push(line)
    else blocks.set(key, [line])
  }
  return [...blocks].map(([key, block]) => ({ key, lines: block, version: versionOf(block) }))
}

/** Only the last line may change yet, and it may be as long as it was. */
function versionOf(block: readonly LogLine[]): string {
  const [first, last] = [block[0], block.at(-1)]
  return `${first?.number} ${last?.number} ${last?.writes}`
}
