/** The screen of `proffer top`: what is drawn of what is known, in windows of any size. */
import { PassThrough } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import * as fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import type { Operator } from '../services/operator/client.ts'
import { bar, fit } from '../services/operator/top/columns.ts'
import { layOut } from '../services/operator/top/layout.ts'
import { lookAt } from '../services/operator/top/look.ts'
import { draw, type Look, type Shown } from '../services/operator/top/screen.ts'
import { Terminal } from '../services/operator/top/terminal.ts'
import { afterKey, firstView, type Pressed, tables, type View } from '../services/operator/top/view.ts'
import type { FrameworkId, SlaveId, TaskId } from '../shared/ids.ts'
import type { FrameworkRow, SlaveRow, TaskRow } from '../shared/messages.ts'
import { none } from '../shared/resources.ts'

const now = 1_000_000_000
const amount = (cpuMilli: number, memMb: number) => ({ ...none, cpuMilli, memMb })

const framework = (n: number, name: string): FrameworkRow => ({
  ...{ frameworkId: `7-F${n}` as FrameworkId, name, principal: name, state: 'active', share: 0.5 / n },
  ...{
    roles: [],
    booked: amount(2000, 512),
    offered: none,
    tasks: 3,
    offers: 1,
    declines: {},
    offeredSeconds: 0,
  },
})
const slave = (n: number, name: string, more: Partial<SlaveRow> = {}): SlaveRow => ({
  ...{ slaveId: `7-S${n}` as SlaveId, name, state: 'active', isolation: 'docker', tasks: 2, attributes: {} },
  ...{ total: amount(4000, 8192), booked: amount(1000 * n, 1024), offered: none },
  ...more,
})
const task = (n: number, taskId: string): TaskRow => ({
  ...{
    frameworkId: '7-F1' as FrameworkId,
    frameworkName: 'batch',
    taskId: taskId as TaskId,
    state: 'running',
  },
  ...{ slaveId: '7-S1' as SlaveId, slaveName: 'n1', executor: 'command', role: 'batch' },
  ...{ resources: amount(500, 64), since: now - n * 1000 },
})

const look: Look = {
  state: {
    ...{ epoch: 7, leader: 'm1', since: now - 3_600_000, policy: 'drf', refused: { 'offer-gone': 2 } },
    ...{ total: amount(8000, 16_384), booked: amount(4000, 2048), offered: amount(2000, 1024) },
    ...{ slaves: 2, frameworks: 1, tasks: 120, offers: 1 },
  },
  frameworks: [framework(1, 'batch')],
  slaves: [slave(2, 'n2'), slave(1, 'n1', { state: 'disconnected' })],
  tasks: [task(1, 't120'), task(2, 't119'), task(65, 't118')],
  at: now,
}
const shown: Shown = { cluster: 'main', view: firstView, look, trouble: undefined, now }
const textOf = (line: ReturnType<typeof draw>[number]) => (typeof line === 'string' ? line : line.text)
const drawn = (what: Shown, width: number, height: number) => draw(what, width, height).map(textOf)

test('a window of the usual size shows all of it', () => {
  expect(`\n${drawn(shown, 80, 24).join('\n')}\n`).toBe(`
proffer main   m1 leads for 1h, epoch 7, by drf
slaves 2   frameworks 1   tasks 120   offers 1   refusals 2
cpus [█████████████████▒▒▒▒▒▒▒▒▒········] 50.0 % of 8 booked, 2 offered
mem  [████▒▒····························] 12.5 % of 16 GiB booked, 1 GiB offered

> FRAMEWORKS 1, largest share first
FRAMEWORK      SHARE  TASKS  OFFERS  CPUS      MEM  STATE   ROLES
batch (7-F1)  50.0 %      3       1     2  512 MiB  active

  SLAVES 2, fullest first
SLAVE        FULL  TASKS    CPUS             MEM  STATE         ISOLATION
n2 (7-S2)  50.0 %      2  2 of 4  1 GiB of 8 GiB  active        docker
n1 (7-S1)  25.0 %      2  1 of 4  1 GiB of 8 GiB  disconnected  docker

  TASKS 3 of 120, newest first
TASK  STATE    SINCE  FRAMEWORK  SLAVE  CPUS     MEM  ROLE
t120  running     1s  batch      n1      0.5  64 MiB  batch
t119  running     2s  batch      n1      0.5  64 MiB  batch
t118  running  1m 5s  batch      n1      0.5  64 MiB  batch




q quit   tab, up, down: another table   left, right: another order
`)
})

test('a small one shows what is looked at, and the columns that it has room for', () => {
  const view: View = { ...firstView, table: 'slaves' }
  expect(drawn({ ...shown, view }, 30, 7)).toEqual([
    'proffer main   m1 leads for 1…',
    'slaves 2   frameworks 1   tas…',
    '',
    '> SLAVES 2, fullest first',
    'SLAVE        FULL  TASKS',
    'n2 (7-S2)  50.0 %      2',
    'n1 (7-S1)  25.0 %      2',
  ])
})

test('while nobody answers the last look stays, with its age', () => {
  const lines = draw({ ...shown, trouble: 'no master leads', now: now + 5000 }, 80, 24)
  expect(lines[1]).toEqual({ text: 'no master leads; this is 5s old', colour: 'red' })
  expect(lines.map(textOf)).toContain('> FRAMEWORKS 1, largest share first')
  expect(drawn({ ...shown, look: undefined, trouble: 'no master leads' }, 80, 24).slice(0, 2)).toEqual([
    'proffer main',
    'no master leads',
  ])
})

test('names of strangers neither move the cursor nor the columns', () => {
  const names = ['\u001b[2J\u001b[H', 'two\nlines', '数据处理', '\u202eright', 'e\u0301'.repeat(40), '👩‍👩‍👧']
  const frameworks = names.map((name, i) => framework(i + 1, name))
  const lines = drawn(
    { ...shown, look: { ...look, frameworks, state: { ...look.state, frameworks: 6 } } },
    60,
    40,
  )
  const header = lines.findIndex((line) => line.startsWith('FRAMEWORK'))
  const rows = lines.slice(header + 1, header + 1 + names.length)
  const beforeShare = rows.map((row) => stringWidth(row.slice(0, row.indexOf(' %'))))
  expect(new Set(beforeShare).size).toBe(1)
})

const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 })
test('no line is wider than the window, none is too many, and none holds what a terminal obeys', () => {
  const counts = fc.nat({ max: 300 })
  const looks = fc
    .record({ frameworks: fc.array(names), slaves: fc.array(names), tasks: fc.array(names), all: counts })
    .map(({ frameworks, slaves, tasks, all }) => ({
      ...look,
      state: { ...look.state, frameworks: all, slaves: slaves.length, tasks: all + tasks.length },
      frameworks: frameworks.map((name, i) => framework(i + 1, name)),
      slaves: slaves.map((name, i) => slave(i, name)),
      tasks: tasks.map((name, i) => task(i, name)),
    }))
  const views = fc.constantFrom(...tables).map((table): View => ({ ...firstView, table }))
  fc.assert(
    fc.property(
      fc.record({
        look: fc.option(looks, { nil: undefined }),
        view: views,
        trouble: fc.option(names, { nil: undefined }),
      }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 80 }),
      (what, width, height) => {
        const lines = drawn({ ...shown, ...what }, width, height)
        expect(lines.length).toBeLessThanOrEqual(height)
        for (const line of lines) {
          expect(stringWidth(line)).toBeLessThanOrEqual(width)
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
        }
      },
    ),
  )
})

describe('lines are shared out:', () => {
  const counts = { frameworks: 5, slaves: 100, tasks: 1000 }
  const rows = (height: number, table: View['table'], of = counts) =>
    layOut(height, { ...firstView, table }, of, 3).rows

  test('what is looked at comes first, the others have at least two rows', () => {
    expect(rows(40, 'slaves')).toEqual({ frameworks: 2, slaves: 21, tasks: 2 })
    expect(rows(40, 'frameworks')).toEqual({ frameworks: 5, slaves: 10, tasks: 10 })
  })

  test('what one does not need the next one has', () => {
    expect(rows(40, 'frameworks', { frameworks: 1, slaves: 1, tasks: 1000 })).toEqual({
      frameworks: 1,
      slaves: 1,
      tasks: 23,
    })
  })

  test('all of them have no more than there is room for, and never less than nothing', () => {
    for (let height = 1; height <= 100; height++) {
      const { bars, rows } = layOut(height, firstView, counts, 4)
      const tables = Object.values(rows).filter((count) => count > 0)
      expect(Math.min(...Object.values(rows))).toBeGreaterThanOrEqual(0)
      expect(2 + bars + tables.reduce((sum, count) => sum + 3 + count, 0)).toBeLessThanOrEqual(
        Math.max(height, 2),
      )
    }
  })
})

describe('the terminal', () => {
  function opened() {
    const raw: boolean[] = []
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) })
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
    const keys: Pressed[] = []
    const terminal = new Terminal(input as unknown as ReadStream, output as unknown as WriteStream, {
      onKey: (key) => keys.push(key),
      onResize: () => {},
    })
    terminal.open()
    return { terminal, input, raw, keys, written: () => String(output.read() ?? '') }
  }

  test('is given back once, and hears no keys any more', () => {
    const { terminal, input, raw, keys, written } = opened()
    input.write('x')
    expect(keys).toMatchObject([{ name: 'x' }])
    terminal.draw(['a', 'b'])
    terminal.close()
    terminal.close()
    terminal.draw(['c'])
    const shown = '\u001b[Ha\u001b[K\r\nb\u001b[K\u001b[J'
    expect(written()).toBe(`\u001b[?1049h\u001b[?25l${shown}\u001b[?25h\u001b[?1049l`)
    expect(raw).toEqual([true, false])
    input.write('y')
    expect(keys).toHaveLength(1)
  })

  test.each(['exit', 'uncaughtException'])('is given back before anything else at %s', (end) => {
    const before = process.listeners(end as 'exit')
    const { terminal, written } = opened()
    const added = process.listeners(end as 'exit').filter((listener) => !before.includes(listener))
    expect(added).toEqual([terminal.close])
    added[0]?.(0)
    expect(written().endsWith('\u001b[?1049l')).toBe(true)
    expect(process.listeners(end as 'exit')).toEqual(before)
  })
})

describe('keys', () => {
  const pressed = (...names: string[]) =>
    names.reduce<View>((view, name) => {
      const next = afterKey(view, { name })
      return next === undefined || next === 'quit' ? view : next
    }, firstView)

  test('tab, up and down go round the tables', () => {
    expect(pressed('tab').table).toBe('slaves')
    expect(pressed('down', 'down', 'down').table).toBe('frameworks')
    expect(pressed('up').table).toBe('tasks')
    expect(afterKey(firstView, { name: 'tab', shift: true })).toMatchObject({ table: 'tasks' })
  })

  test('left and right change the order of what is looked at, and of nothing else', () => {
    expect(pressed('down', 'right').orders).toEqual({ ...firstView.orders, slaves: 'tasks' })
    expect(pressed('up', 'left').orders).toEqual({ ...firstView.orders, tasks: 'largest' })
    expect(pressed('right', 'left')).toEqual(firstView)
  })

  test('q, escape and Ctrl-C end it; others do nothing', () => {
    for (const key of [{ name: 'q' }, { name: 'escape' }, { name: 'c', ctrl: true }])
      expect(afterKey(firstView, key)).toBe('quit')
    for (const key of [{ name: 'c' }, { name: 'x' }, {}, { name: 'q', ctrl: true }])
      expect(afterKey(firstView, key)).toBeUndefined()
  })
})

test('the leader is asked for what is shown, and for no more rows than that', async () => {
  const asked: [string, object][] = []
  const answers = {
    'cluster.get': look.state,
    'frameworks.list': look,
    'slaves.list': look,
    'tasks.list': look,
  }
  const ask = (type: keyof typeof answers, body: object) => {
    asked.push([type, body])
    return Promise.resolve(answers[type])
  }
  const operator = { ask } as unknown as Pick<Operator, 'ask'>
  await lookAt(operator, firstView.orders, () => ({ frameworks: 0, slaves: 3, tasks: 1000 }))
  expect(asked).toEqual([
    ['cluster.get', {}],
    ['slaves.list', { order: 'fullest', limit: 3 }],
    ['tasks.list', { order: 'newest', limit: 200 }],
  ])
})

test.each([
  [0.5, 0.25, '█████▒▒▒··'],
  [0, 0, '··········'],
  [1, 0, '██████████'],
  [0.9, 0.9, '█████████▒'],
])('a bar of %d and %d', (used, promised, expected) => {
  expect(
    bar(
      [
        [used, '█'],
        [promised, '▒'],
      ],
      10,
    ),
  ).toBe(expected)
})

test.each([
  ['abc', 5, 'abc  '],
  ['abcdef', 4, 'abc…'],
  ['数据', 3, '数…'],
  ['abc', 0, ''],
])('%s in %d columns', (text, width, expected) => {
  expect(fit(text, width)).toBe(expected)
  expect(stringWidth(fit(text, width, 'right'))).toBe(width)
})
