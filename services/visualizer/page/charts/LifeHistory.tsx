/** A life as each actor has seen it, side by side, the newest first. */
import type { LifeLine, Position } from '../../language.ts'
import { linkToActor } from '../parts/links.ts'
import { stateInWords } from '../parts/states.ts'
import { clockTime } from '../parts/words.ts'
import { linkHere } from '../place.ts'
import { OpenList } from '../steps/OpenList.tsx'
import { StepDetail } from '../steps/StepDetail.tsx'
import type { Sight } from './sights.ts'

interface Props {
  readonly lines: readonly LifeLine[]
  readonly sights: readonly (Sight & { readonly colour: string })[]
  readonly open: Position | undefined
}

const rowHeight = 34

export function LifeHistory({ lines, sights, open }: Props) {
  const at = lines.findIndex(({ position }) => position === open)
  const columns = { gridTemplateColumns: `88px repeat(${sights.length}, minmax(0, 1fr))` }
  return (
    <>
      <div class="life-head" style={columns}>
        <span class="quiet">seen by</span>
        {sights.map((sight) => (
          <SeenBy key={sight.by} {...sight} />
        ))}
      </div>
      <OpenList
        label="Its life, the newest first"
        // One step may move one thing more than once.
        keys={lines.map(({ position, by, fact, after }) => `${position} ${by} ${fact} ${after}`)}
        rowHeight={rowHeight}
        row={(index) => {
          const line = lines[index]
          return line && <Line line={line} sights={sights} columns={columns} open={index === at} />
        }}
        open={at < 0 ? undefined : at}
        opened={open !== undefined && <StepDetail position={open} />}
      />
    </>
  )
}

function SeenBy({ by, state, colour }: Props['sights'][number]) {
  const words = (
    <>
      <b>{by}</b>
      <span class="quiet">{stateInWords(state)}</span>
    </>
  )
  // What was only asked for, and told by no actor, leads to none.
  if (!by.includes(' '))
    return (
      <span class="seen-by" style={{ borderColor: colour }}>
        {words}
      </span>
    )
  return (
    <a class="plain seen-by" href={linkToActor(by)} style={{ borderColor: colour }}>
      {words}
    </a>
  )
}

interface LineProps {
  readonly line: LifeLine
  readonly sights: Props['sights']
  readonly columns: { readonly gridTemplateColumns: string }
  readonly open: boolean
}

function Line({ line, sights, columns, open }: LineProps) {
  const { position, at, by, fact, after } = line
  const column = sights.findIndex((sight) => sight.by === by)
  return (
    <a
      class="step-line life-line"
      style={columns}
      href={linkHere({ step: open ? undefined : `${position}` })}
      aria-expanded={open}
    >
      <time>{clockTime(at)}</time>
      <span class="visually-hidden">{by}: </span>
      <span
        class="life-cell"
        style={{ gridColumn: `${column + 2}`, borderColor: sights[column]?.colour }}
        title={`${fact} → ${after}`}
      >
        <b>{stateInWords(after)}</b> <span class="quiet">{fact}</span>
      </span>
    </a>
  )
}
