/** The steps of an actor, the newest first; each opens in its place. */
import type { Position, StepLine } from '../../language.ts'
import { clockTime, counted } from '../parts/words.ts'
import { linkHere } from '../place.ts'
import { OpenList } from './OpenList.tsx'
import { StepDetail } from './StepDetail.tsx'
import './steps.css'

interface Props {
  readonly lines: readonly StepLine[]
  readonly open: Position | undefined
  readonly onEnd: () => void
}

const rowHeight = 44

export function History({ lines, open, onEnd }: Props) {
  const at = lines.findIndex(({ position }) => position === open)
  return (
    <>
      {open !== undefined && at < 0 && (
        // Of another actor, or too long ago: it is shown all the same.
        <div class="step-apart">
          <StepDetail position={open} />
        </div>
      )}
      <OpenList
        label="Its steps, the newest first"
        keys={lines.map(({ position }) => position)}
        rowHeight={rowHeight}
        row={(index) => <Line line={lines[index]} open={index === at} />}
        open={at < 0 ? undefined : at}
        opened={open !== undefined && <StepDetail position={open} />}
        onEnd={onEnd}
      />
    </>
  )
}

function Line({ line, open }: { readonly line: StepLine | undefined; readonly open: boolean }) {
  if (!line) return null
  const { position, at, heard, from, before, after, refused, effects, missed } = line
  return (
    <a
      class={refused ? 'step-line refused' : 'step-line'}
      href={linkHere({ step: open ? undefined : `${position}` })}
      aria-expanded={open}
    >
      <span class="line-head">
        <time>{clockTime(at)}</time>
        <b>{heard}</b>
        {from && <span class="quiet">from {from}</span>}
        {refused && <span class="tag bad">✕ refused</span>}
        {before !== after && (
          <span class="tag moved">
            {before} → {after}
          </span>
        )}
        {missed !== undefined && <span class="tag warn">{counted(missed, 'step')} missing before</span>}
      </span>
      <span class="line-effects mono">{effects.join(' · ') || 'asked for nothing'}</span>
    </a>
  )
}
