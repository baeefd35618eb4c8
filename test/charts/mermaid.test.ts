/** A chart as Mermaid and as a table, against what XState makes of the machine itself. */
import { describe, expect, test } from 'vitest'
import type { AnyStateMachine } from 'xstate'
import { chartAsMermaid } from '../../statecharts/mermaid.ts'
import { chartAsTable } from '../../statecharts/tables.ts'
import { allCharts, lift } from './madeUp.ts'
import { readMermaid } from './readMermaid.ts'
import { type Arrow, arrowsOf, isWithin, nodesOf, pathOf } from './xstateArrows.ts'

describe.each(Object.entries(allCharts))('%s as Mermaid', (_name, machine) => {
  const picture = readMermaid(chartAsMermaid(machine))
  const nodes = nodesOf(machine.root)
  const isBoxed =
    picture.titles.size > 0 && [...picture.titles.keys()].every((path) => named(path, 1) === machine.id)
  const moves = arrowsOf(machine).filter(({ to }) => to !== undefined)
  const drawn = picture.arrows.flatMap(({ from, to, label }) => {
    const labels = from === to ? label.split('; ') : [label]
    return labels.map((each): Drawn => ({ from: pathAt(from), to: pathAt(to), label: each }))
  })

  test('has every state, in its place', () => {
    const titled = [...picture.titles.keys()].map(pathAt)
    expect(titled.filter((path) => !isAny(path)).sort()).toEqual(
      nodes
        .filter((node) => isBoxed || node !== machine.root)
        .map(pathOf)
        .sort(),
    )
  })

  test('has every way between two states, and no other', () => {
    expect(moves.filter((move) => !drawn.some((arrow) => shows(arrow, move, machine)))).toEqual([])
    expect(drawn.filter((arrow) => !moves.some((move) => shows(arrow, move, machine)))).toEqual([])
  })

  test('says that any state does what all of them do, or what they are in', () => {
    for (const arrow of drawn.filter(({ from }) => isAny(from))) {
      const around = parentOf(arrow.from)
      const told = moves.filter((move) => shows(arrow, move, machine)).map(({ from }) => from)
      const others = nodes.filter(
        (node) =>
          node.parent && pathOf(node.parent) === around && node.type !== 'final' && pathOf(node) !== arrow.to,
      )
      if (!told.includes(around))
        expect(told, arrow.label).toEqual(expect.arrayContaining(others.map(pathOf)))
    }
  })

  test('says where each state begins and ends', () => {
    const finals = nodes.filter(({ type, parent }) => type === 'final' && parent?.type !== 'parallel')
    const begun = nodes.flatMap((node) => (node.type === 'compound' ? (node.initial.target ?? []) : []))
    expect(picture.ends.map(pathAt).sort()).toEqual(finals.map(pathOf).sort())
    expect(picture.starts.map(pathAt).sort()).toEqual([...(isBoxed ? [''] : []), ...begun.map(pathOf)].sort())
  })

  /** By the names of the chart's states, where the picture has words; a box around all of them has no name. */
  function pathAt(path: string): string {
    return named(path)
      .split('/')
      .slice(isBoxed ? 1 : 0)
      .join('/')
  }

  function named(path: string, depth = Number.POSITIVE_INFINITY): string {
    const words = path.split('/')
    const titles = words.map((word, i) => picture.titles.get(words.slice(0, i + 1).join('/')) ?? word)
    return titles
      .slice(0, depth)
      .map((title) => title.split('; ')[0])
      .join('/')
  }
})

test('the table of a chart within charts says where, and what first', () => {
  const rows = chartAsTable(lift)
    .split('\n')
    .map((row) => row.replaceAll(/ +/g, ' '))
  expect(rows).toContain('| riding.up | `alarm` | | | broken |')
  expect(rows).toContain('| watched.doors.ajar | `always` | `isWindy` | `slam` | watched.doors.shut |')
  expect(rows).toContain('| riding | `entry` | | `startMotor` | |')
  expect(rows.indexOf('| riding.up | `turn` | | | riding.down |')).toBeLessThan(
    rows.indexOf('| riding | `done` | | `open` | parked |'),
  )
})

interface Drawn {
  readonly from: string
  readonly to: string
  readonly label: string
}

/** Whether that arrow stands for this way: from and to what it names, or what that is in; then it says which. */
function shows({ from, to, label }: Drawn, move: Arrow, machine: AnyStateMachine): boolean {
  const around = isAny(from) ? parentOf(from) : from
  const isOwn = around === move.from || (isAny(from) && around === parentOf(move.from))
  const isThere = (path: string, holder: string) => path === holder || isWithin(path, holder)
  if (!isThere(move.from, around) || !isThere(move.to ?? '', to)) return false
  const truth = [
    ...(isOwn ? [] : [`from ${nameAt(move.from)}`]),
    ...(to === move.to ? [] : [`to ${nameAt(move.to ?? '')}`]),
  ]
  return label === `${labelOf(move, machine)}${truth.length > 0 ? ` (${truth.join(', ')})` : ''}`
}

const isAny = (path: string): boolean => nameAt(path) === 'any other state'
const parentOf = (path: string): string => path.split('/').slice(0, -1).join('/')
const nameAt = (path: string): string => path.split('/').at(-1) ?? ''

function labelOf(move: Arrow, machine: AnyStateMachine): string {
  const alike = arrowsOf(machine).filter(({ from, event }) => from === move.from && event === move.event)
  const isFirst = JSON.stringify(alike[0]) === JSON.stringify(move)
  const when = move.guard ?? (isFirst ? undefined : 'otherwise')
  const decides = move.actions.length > 0 && `/ ${move.actions.join(', ')}`
  return [heard(move.event), when !== undefined && `[${when}]`, decides].filter(Boolean).join(' ')
}

function heard(event: string): string {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(event) ?? []
  if (delay !== undefined) return `after ${delay}${/^\d+$/.test(delay) ? ' ms' : ''}`
  return event === '' ? 'always' : event.replace(/^xstate\.done\.state\..*/, 'done')
}
