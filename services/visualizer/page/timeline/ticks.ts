/** Where the time axis has its marks, by the reader's own clock. */
import { scaleTime } from 'd3-scale'
import type { Axis } from './rows.ts'

export interface Tick {
  readonly x: number
  readonly text: string
}

/** px between two marks, about. */
const apart = 110
/** px of the longest text, and some room beside it. */
const textWidth = 78

export function ticksOf({ from, to, width }: Axis): Tick[] {
  if (width <= 0) return []
  const scale = scaleTime([from, to], [0, width])
  const moments = scale.ticks(Math.max(2, Math.round(width / apart)))
  const apartBy = moments[1] && moments[0] ? scale(moments[1]) - scale(moments[0]) : width
  const each = Math.max(1, Math.ceil(textWidth / apartBy))
  const whole = moments.every((moment) => moment.getSeconds() === 0 && moment.getMilliseconds() === 0)
  return moments
    .filter((_, i) => i % each === 0)
    .map((moment) => ({ x: scale(moment), text: whole ? hours(moment) : seconds(moment) }))
    .filter(({ x }) => x > textWidth / 2 && x < width - textWidth / 2)
}

const two = (value: number) => `${value}`.padStart(2, '0')
const hours = (moment: Date): string => `${two(moment.getHours())}:${two(moment.getMinutes())}`
function seconds(moment: Date): string {
  const tenths = moment.getMilliseconds() === 0 ? '' : `.${Math.floor(moment.getMilliseconds() / 100)}`
  return `${hours(moment)}:${two(moment.getSeconds())}${tenths}`
}
