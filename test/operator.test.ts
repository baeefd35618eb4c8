/** What operators read: amounts, the tree of roles, and why something is not offered. */
import { describe, expect, test } from 'vitest'
import { asTree } from '../services/operator/commands/roles.ts'
import { inWords } from '../services/operator/explainWords.ts'
import { amounts, quotaInWords } from '../services/operator/words.ts'
import { counted } from '../shared/counted.ts'
import type { SlaveId } from '../shared/ids.ts'
import { obstacleMeanings, type RoleRow } from '../shared/messages.ts'
import { none } from '../shared/resources.ts'

describe('amounts', () => {
  test.each([
    [{ cpuMilli: 500, memMb: 64 }, '0.5 CPU, 64 MiB'],
    [{ memMb: 80_000 }, '78.1 GiB'],
    [{ cpuMilli: 0 }, '0 CPU'],
    [{ diskMb: 1000, gpus: 2, scalars: { 'lic\u001bences': 500 } }, '1000 MiB of disk, 2 GPU, lic?ences 0.5'],
    [{}, ''],
  ])('of a quota %j', (quota, words) => {
    expect(quotaInWords(quota)).toBe(words)
  })

  test('of a slave: what is none is left out', () => {
    expect(amounts({ ...none, cpuMilli: 1000 })).toBe('1 CPU')
    expect(amounts(none)).toBe('nothing')
    expect(amounts({ ...none, diskMb: 5, gpus: 1, ports: [[1, 3]], scalars: { x: 1000 } })).toBe(
      '5 MiB of disk, 1 GPU, x 1, 3 ports',
    )
    expect(amounts({ ...none, ports: [[7, 7]] })).toBe('1 port')
  })
})

test.each([
  [0, '0 tasks'],
  [1, '1 task'],
  [2, '2 tasks'],
])('%i of them are %s', (count, words) => {
  expect(counted(count, 'task')).toBe(words)
})

const row = (role: string): RoleRow => ({
  role,
  weight: 1,
  share: 0,
  fairShare: 1,
  booked: none,
  offered: none,
  frameworks: 0,
})

test('each role stands behind the one above it, which may have no row of its own', () => {
  const rows = ['eng-2', 'eng/ads/batch', 'eng', 'ops/web', 'eng/ads'].map(row)
  const tree = asTree(rows).map(({ parts, row }) => [parts.join('/'), row !== undefined])
  expect(tree).toEqual([
    ['eng', true],
    ['eng/ads', true],
    ['eng/ads/batch', true],
    ['eng-2', true],
    ['ops', false],
    ['ops/web', true],
  ])
})

describe('why not', () => {
  const slave = { slaveId: '7-S1' as SlaveId, slaveName: 'node-1', role: 'eng' }

  test('of many slaves: what is about to be offered first, then what keeps most away', async () => {
    const said = await inWords({ reserved: 2, filtered: 7, none: 1, offered: 2 }, undefined)
    expect(said.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ['SLAVES', 'OBSTACLE'],
      ['1', 'none'],
      ['7', 'filtered'],
      ['2', 'offered'],
      ['2', 'reserved'],
      [''],
      ['These are many: --all says it slave by slave, --slave of one of them.'],
      [''],
    ])
    expect(said).toContain(obstacleMeanings.filtered)
  })

  test('slave by slave', async () => {
    const said = await inWords({ none: 1, 'too-small': 1 }, [
      { ...slave, obstacle: 'too-small', message: '2 CPU are missing' },
      { ...slave, role: 'ops', message: 'about to be offered 4 CPU' },
    ])
    expect(said).toMatch(/^node-1 \(7-S1\) +eng +too-small +2 CPU are missing$/m)
    expect(said).toMatch(/^node-1 \(7-S1\) +ops +none +about to be offered 4 CPU$/m)
  })

  test('of none', async () => {
    expect(await inWords({}, [])).toBe('There is no such slave.\n')
  })
})
