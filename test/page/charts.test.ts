import Elk from 'elkjs/lib/elk.bundled.js'
import { describe, expect, test } from 'vitest'
import { type Flash, flashesSince, type Happened } from '../../services/visualizer/page/charts/flashes.ts'
import {
  arrowFor,
  type Box,
  distinct,
  type Graph,
  graphOf,
  heardIn,
  litBy,
  triggerInWords,
} from '../../services/visualizer/page/charts/graph.ts'
import { linesAt, wayInWords } from '../../services/visualizer/page/charts/labels.ts'
import { place, roundedPath } from '../../services/visualizer/page/charts/layout.ts'
import { byKey, fit, zoom } from '../../services/visualizer/page/charts/panZoom.ts'
import { crowdOf, strokeOf } from '../../services/visualizer/page/charts/scene.ts'
import { sightsOf } from '../../services/visualizer/page/charts/sights.ts'
import { subjectOf } from '../../services/visualizer/page/charts/subject.ts'
import { type ChartJson, chartAsJson, charts } from '../../statecharts/index.ts'

const task = graphOf(chartAsJson(charts.taskLife))
const master = graphOf(chartAsJson(charts.master))
const nested: ChartJson = {
  id: 'nested',
  initial: 'down',
  states: {
    down: { on: { start: [{ target: 'up' }] } },
    up: {
      type: 'parallel',
      on: { stop: [{ target: 'over' }] },
      states: {
        link: { initial: 'away', states: { away: { on: { connect: [{ target: 'there' }] } }, there: {} } },
        work: { initial: 'idle', states: { idle: { on: { task: [{ target: 'busy' }] } }, busy: {} } },
      },
    },
    over: { type: 'final' },
  },
}
const boxesIn = (boxes: readonly Box[]): Box[] => boxes.flatMap((box) => [box, ...boxesIn(box.children)])
const arrowIds = ({ arrows }: Graph) => arrows.map(({ id }) => id)

describe('what is drawn:', () => {
  test('what any state that can be left knows alike is one arrow', () => {
    expect(arrowIds(task)).toContain('/any > lost')
    expect(arrowIds(task).filter((id) => id.endsWith(' > lost'))).toHaveLength(1)
  })

  test('the task runs from where it is staged, and its arrows with the same ends are one', () => {
    expect(arrowIds(task)).toContain('staging > running')
    const ids = arrowIds(master)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('what is heard and leads nowhere is told of the state, its own before what is around it', () => {
    const leading = master.states.get('leading')
    const ways = leading ? heardIn(leading) : []
    expect(ways.map(triggerInWords)).toContain('offer.accept')
    expect(ways.filter((way) => triggerInWords(way) === 'registry.kept')).toHaveLength(1)
    expect(ways.at(-1)?.from).not.toBe(leading)
  })

  test('boxes stand within boxes, and parallel ones are regions', () => {
    const kinds = Object.fromEntries(boxesIn(graphOf(nested).boxes).map(({ id, kind }) => [id, kind]))
    expect(kinds).toMatchObject({
      up: 'parallel',
      'up.link': 'region',
      'up.link.away': 'state',
      'up.link/initial': 'initial',
      over: 'final',
    })
  })
})

describe('which arrow was taken:', () => {
  test('one that many states share', () => {
    expect(arrowFor(task, { from: 'running', to: 'finished', by: 'finish' })?.id).toBe('/any > finished')
  })

  test('the innermost, where states are parallel', () => {
    const graph = graphOf(nested)
    const moved = { from: 'up.link.away up.work.idle', to: 'up.link.there up.work.idle', by: 'connect' }
    expect(arrowFor(graph, moved)?.id).toBe('up.link.away > up.link.there')
  })

  test('none that the chart does not know', () => {
    expect(arrowFor(task, { from: 'finished', to: 'running', by: 'run' })).toBeUndefined()
  })

  test('a state is lit with all that is around it', () => {
    expect([...litBy('up.link.there up.work.busy')]).toEqual([
      'up',
      'up.link',
      'up.link.there',
      'up.work',
      'up.work.busy',
    ])
  })
})

describe('labels:', () => {
  test('one way says what it decides; many say how many more there are', () => {
    const arrow = (id: string) => master.arrows.find((one) => one.id === id)
    const won = arrow('standby > entering')
    expect(won && linesAt(won).map(({ text }) => text)).toEqual([
      'lease.answered [winsOffice]',
      '/ enterOffice',
    ])
    const ways = master.arrows.flatMap((one) => distinct(one.ways))
    const many = { id: '', from: '', to: '', ways }
    expect(linesAt(many).at(-1)?.text).toMatch(/^and \d+ more$/)
  })

  test('the whole of a way leaves nothing out', () => {
    const way = master.arrows.find(({ id }) => id === 'leading > standby')?.ways[0]
    expect(way && wayInWords(way)).toBe('slave.register [isBelow] / riseAbove')
  })
})

describe.each(Object.keys(charts))('the layout of %s', (name) => {
  test('has a place for each box and a line for each arrow, and no two boxes in one place', async () => {
    const graph = graphOf(chartAsJson(charts[name as keyof typeof charts]))
    const { boxes, arrows, width, height } = await place(graph, new Elk.default())
    expect(arrows.every(({ points }) => points.length > 1)).toBe(true)
    for (const { x, y, width: across, height: down } of boxes) {
      expect(x + across).toBeLessThanOrEqual(width)
      expect(y + down).toBeLessThanOrEqual(height)
    }
    const apart = boxes.every((a, i) =>
      boxes
        .slice(i + 1)
        .every(
          (b) =>
            a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
        ),
    )
    expect(apart).toBe(true)
  })
})

test('what is within a box is laid out within it', async () => {
  const { boxes } = await place(graphOf(nested), new Elk.default())
  const of = (id: string) => boxes.find(({ box }) => box.id === id) ?? { x: 0, y: 0, width: 0, height: 0 }
  const [outer, inner] = [of('up'), of('up.work.busy')]
  expect(inner.x).toBeGreaterThan(outer.x)
  expect(inner.y + inner.height).toBeLessThan(outer.y + outer.height)
})

test('a path turns its corners round', () => {
  const path = roundedPath([
    { x: 0, y: 0 },
    { x: 100, y: 0 },
    { x: 100, y: 4 },
  ])
  expect(path).toBe('M0 0L92 0Q100 0 100 2L100 4')
})

describe('pan and zoom:', () => {
  const frame = { width: 400, height: 300 }

  test('all of it fits, in the middle', () => {
    const view = fit({ width: 1000, height: 100 }, frame)
    expect(1000 * view.scale).toBeLessThanOrEqual(frame.width)
    expect(view.y * 2 + 100 * view.scale).toBeCloseTo(frame.height)
  })

  test('what is pointed at stays where it is', () => {
    const view = zoom({ scale: 1, x: 10, y: 20 }, 2, { x: 110, y: 120 })
    expect(view).toEqual({ scale: 2, x: -90, y: -80 })
  })

  test('keys that mean nothing do nothing', () => {
    expect(byKey({ scale: 1, x: 0, y: 0 }, 'q', frame)).toBeUndefined()
    expect(byKey({ scale: 1, x: 0, y: 0 }, '0', frame)).toBe('fit')
  })
})

describe('what has just happened', () => {
  const step = (order: number, from: string, to: string, by: string, refused = false): Happened => ({
    order,
    from,
    to,
    by,
    refused,
  })
  const flashing = (happened: Happened[], since: number): Flash[] => flashesSince(task, happened, since)

  test('flashes once, on the arrow and the state that it came to', () => {
    const happened = [step(2, 'running', 'finished', 'finish'), step(1, 'staging', 'running', 'run')]
    expect(flashing(happened, 1)).toMatchObject([{ arrow: '/any > finished', state: 'finished' }])
    expect(flashing(happened, 2)).toEqual([])
  })

  test('and in the state that refused it', () => {
    expect(flashing([step(1, 'running', 'running', 'kill', true)], 0)).toMatchObject([
      { state: 'running', refused: 'kill' },
    ])
  })

  test('what is heard and changes nothing does not flash', () => {
    expect(flashing([step(1, 'running', 'running', 'beat')], 0)).toEqual([])
  })
})

describe('a crowd', () => {
  const crowd = crowdOf(task, {
    states: { running: 3, finished: 7 },
    ways: [
      { from: 'running', to: 'finished', by: 'finish', count: 5, lastAt: 1 },
      { from: 'staging', to: 'finished', by: 'finish', count: 2, lastAt: 1 },
    ],
    refused: { running: 1 },
  })

  test('is counted by state and by arrow', () => {
    expect(crowd.inAll).toBe(10)
    expect(crowd.arrows.get('/any > finished')).toBe(7)
    expect(crowd.refused.get('running')).toBe(1)
  })

  test('makes an arrow the wider the more take it', () => {
    const widths = [0, 1, 10, 100].map((count) => strokeOf(count, 100))
    expect(widths).toEqual([...widths].sort((a, b) => a - b))
    expect(new Set(widths).size).toBe(4)
  })
})

test('each actor sees a thing as it has told of it last', () => {
  const line = (by: string, after: string) => ({ position: 0, at: 0, by, fact: '', before: '', after })
  expect(
    sightsOf([line('scheduler F', 'running'), line('master m', 'finished'), line('master m', 'running')]),
  ).toEqual([
    { by: 'master m', state: 'finished' },
    { by: 'scheduler F', state: 'running' },
  ])
})

test('the address says whose chart it is', () => {
  expect(subjectOf({})).toEqual({ of: 'all', chart: 'master' })
  expect(subjectOf({ actor: 'scheduler my batch' })).toEqual({
    of: 'actor',
    role: 'scheduler',
    id: 'my batch',
  })
  expect(subjectOf({ life: 'offer', id: '7-O12' })).toEqual({ of: 'life', life: 'offer', id: '7-O12' })
  expect(subjectOf({ life: 'nonsense', id: '7' })).toMatchObject({ of: 'all' })
})
