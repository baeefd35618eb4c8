/** One message: slanted by the time that it took; broken off where nobody has heard it. */
import type { MessageShown } from '../../language.ts'
import { headOf } from '../charts/layout.ts'
import { shortSpan } from '../parts/words.ts'
import { linkHere } from '../place.ts'
import { endsOf, type Lanes } from './lanes.ts'
import type { PlacedMessage } from './sequence.ts'

interface Props {
  readonly placed: PlacedMessage
  readonly across: Lanes
  readonly chosen: boolean
  /** px between which one sees: what a message says stands there, if any of it does. */
  readonly left: number
  readonly right: number
}

/** How much of the way a message goes that is lost, or on its way yet. */
const lostPart = 0.62
const pendingPart = 0.8

export function MessageDrawn({ placed, across, chosen, left, right }: Props) {
  const { message, y0, y1 } = placed
  const [x0, x1] = endsOf(across, placed.from, placed.to)
  const fate = fateOf(message)
  const part = fate === 'lost' ? lostPart : fate === 'pending' ? pendingPart : 1
  const end = { x: x0 + (x1 - x0) * part, y: y1 }
  const label = toldIn(message, Math.abs(x1 - x0))
  return (
    <a
      class={`message ${fate}${chosen ? ' chosen' : ''}`}
      href={linkHere({ said: written(message.saidIn), heard: written(message.heardIn) })}
      aria-label={inWords(message, label, fate)}
      aria-current={chosen ? 'true' : undefined}
    >
      <path class="reach" d={`M${x0} ${y0}L${x1} ${y1}`} />
      <path class="line" d={`M${x0} ${y0}L${end.x} ${end.y}`} />
      <circle class="mouth" cx={x0} cy={y0} r="2.5" />
      {fate === 'heard' && <path class="head" d={headOf([{ x: x0, y: y0 }, end], 8, 3.5)} />}
      <Label label={label} x={Math.min(right, Math.max(left, x0))} y={y0} back={x1 < x0} />
      {fate === 'lost' && <Cross {...end} />}
    </a>
  )
}

type Fate = 'heard' | 'lost' | 'pending'
const fateOf = ({ lost, heardIn }: MessageShown): Fate =>
  lost ? 'lost' : heardIn === undefined ? 'pending' : 'heard'
const written = (position: number | undefined) => (position === undefined ? undefined : `${position}`)

function Cross({ x, y }: { readonly x: number; readonly y: number }) {
  return (
    <>
      <path class="cross" d={`M${x - 5} ${y - 5}l10 10m0 -10l-10 10`} />
      <text class="lost-word" x={x + 11} y={y + 4}>
        lost
      </text>
    </>
  )
}

interface LabelProps {
  readonly label: Told
  readonly x: number
  readonly y: number
  /** Whether it goes to the left. */
  readonly back: boolean
}

/** Beside the end at which it was said, where its line has room of its own. */
function Label({ label: { type, answer, about }, x, y, back }: LabelProps) {
  return (
    <text class="talk-label" x={x + (back ? -8 : 8)} y={y - 6} text-anchor={back ? 'end' : 'start'}>
      <tspan class="type">{type}</tspan>
      {answer && <tspan class={`answer ${answer}`}> {answers[answer]}</tspan>}
      {about && <tspan class="about"> {about}</tspan>}
    </text>
  )
}

const answers = { yes: '✓ yes', no: '✕ no' } as const

/** What stands at a message. */
type Told = Pick<MessageShown, 'type' | 'about' | 'answer'>
/** px of a letter, about; and px that a label may take in any case: no other begins on its line. */
const letter = 6.1
const leastRoom = 250

function toldIn({ type, about, answer }: MessageShown, room: number): Told {
  const letters = Math.floor(Math.max(room - 24, leastRoom) / letter) - type.length - (answer ? 6 : 0)
  const short = letters < 4 ? '' : about.length > letters ? `${about.slice(0, letters - 1)}…` : about
  return { type, about: short, ...(answer && { answer }) }
}

/** Begins with what is seen of it, so that it can be called by that. */
function inWords(message: MessageShown, { type, about, answer }: Told, fate: Fate): string {
  const { from, to, saidAt, heardAt = saidAt } = message
  const seen = [type, answer && answers[answer], about, fate === 'lost' && 'lost'].filter(Boolean).join(' ')
  const rest = about === message.about ? '' : `, ${message.about}`
  return `${seen}, from ${from} to ${to}${rest}, ${fates[fate](heardAt - saidAt)}`
}

const fates: Readonly<Record<Fate, (ms: number) => string>> = {
  heard: (ms) => `heard after ${shortSpan(Math.max(0, ms))}`,
  lost: () => 'nobody has heard it',
  pending: () => 'not heard yet',
}
