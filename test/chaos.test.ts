/** A short run of `npm run chaos`: real processes, killed and stopped, and an audit from outside. */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { auditWork } from './chaos/audit.ts'
import type { Journal, ToldLine } from './chaos/journal.ts'
import { planOf } from './chaos/plan.ts'
import { runChaos } from './chaos/run.ts'
import type { Item } from './chaos/work.ts'

const counts = { nats: 3, master: 3, slave: 5, scheduler: 3, executor: 5, launcher: 5 }

// Processes are found by their environment, which only Linux shows.
test.skipIf(!existsSync('/proc/self/environ'))(
  'whatever is killed or stopped, all promises hold',
  async () => {
    const lines: string[] = []
    const { broken, summary, folder } = await runChaos({
      seed: 7,
      seconds: 10,
      spacingMs: 500,
      longestMs: 4500,
      patienceMs: 90_000,
      tell: (line) => lines.push(line),
    })
    expect(broken, [...lines, ...summary, folder].join('\n')).toEqual([])
  },
  240_000,
)

test('a seed plans the same mischief again, and never two servers of the bus away at once', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const plan = planOf({ seed, ms: 120_000, counts, longestMs: 13_000 })
    expect(planOf({ seed, ms: 120_000, counts, longestMs: 13_000 })).toEqual(plan)
    const away = plan.filter(({ target }) => target === 'nats')
    const overlapping = away.filter(({ atMs }, at) => {
      const before = away[at - 1]
      return before !== undefined && before.atMs + before.forMs >= atMs
    })
    expect(overlapping).toEqual([])
  }
})

const item: Item = { index: 0, kind: 'plain', dueMs: 0, seconds: 1, killAfterMs: 0 }
const told = (state: ToldLine['state'], seq: number, more: Partial<ToldLine> = {}): ToldLine => ({
  life: '1',
  at: 0,
  taskId: 'A-0.1',
  slaveId: '1-S1',
  state,
  seq,
  ...more,
})
const journal = (...lines: ToldLine[]): Journal => ({ launched: ['A-0.1'], told: lines, errors: [] })
const once = { starts: 1, ends: 1 }

test.each<[string, Journal, { starts: number; ends: number }, readonly string[]]>([
  ['what was done and told so', journal(told('running', 1), told('finished', 2)), once, []],
  [
    'a second launch',
    journal(told('running', 1), told('finished', 2)),
    { starts: 2, ends: 1 },
    ['A-0.1 was launched 2 times', 'A-0.1 was told finished (no reason) and has 2 start and 1 end lines'],
  ],
  [
    'what never began',
    journal(told('finished', 1)),
    { starts: 0, ends: 0 },
    ['A-0.1 was told finished (no reason) and has 0 start and 0 end lines'],
  ],
  [
    'what was dropped and ran',
    journal(told('dropped', 0, { reason: 'launch-lost' })),
    { starts: 1, ends: 0 },
    ['A-0.1 was told dropped (launch-lost) and has 1 start and 0 end lines', 'item 0 (plain) is not done'],
  ],
  [
    'a word after the end',
    journal(told('finished', 1), told('finished', 2)),
    once,
    ['A-0.1 in life 1 is told finished after its end'],
  ],
  [
    'a word out of order',
    journal(told('running', 2), told('running', 1), told('finished', 3)),
    once,
    ['A-0.1 in life 1 is told update 1 after 2'],
  ],
  [
    'what was never told',
    journal(told('running', 1)),
    once,
    ['A-0.1 was never told to be over', 'item 0 (plain) is not done'],
  ],
])('the audit judges %s', (_what, written, effect, findings) => {
  expect(auditWork([item], written, new Map([['A-0.1', effect]]))).toEqual(findings)
})
