/** The cells of the picture, out of their bytes. */
import { slaveStates } from '../../language.ts'
import { nobody } from '../parts/owners.ts'

export interface Cells {
  readonly count: number
  state(index: number): (typeof slaveStates)[number]
  /** Who holds most of it; undefined: nobody holds anything. */
  owner(index: number): number | undefined
  /** 0..1. */
  booked(index: number): number
  offered(index: number): number
}

const bytesPerCell = 4

export function readCells(base64: string): Cells {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  const byte = (index: number, field: number) => bytes[index * bytesPerCell + field] ?? 0
  return {
    count: Math.floor(bytes.length / bytesPerCell),
    state: (index) => slaveStates[byte(index, 0)] ?? 'gone',
    owner: (index) => (byte(index, 1) === nobody ? undefined : byte(index, 1)),
    booked: (index) => byte(index, 2) / 255,
    offered: (index) => byte(index, 3) / 255,
  }
}
