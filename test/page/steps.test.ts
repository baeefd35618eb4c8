import { describe, expect, test } from 'vitest'
import { heightOf, type Rows, rowAt, seenRows, topOf } from '../../services/visualizer/page/steps/rows.ts'
import { treeOf } from '../../services/visualizer/page/steps/tree.ts'

describe('a value as people read it:', () => {
  const leaf = (name: string, value: unknown) => treeOf(name, value).text

  test('with its unit', () => {
    expect(leaf('refuseSeconds', 5)).toBe('5 s')
    expect(leaf('timeoutMs', 1500)).toBe('1,500 ms')
    expect(leaf('memMb', 2048)).toBe('2,048 MiB')
    expect(leaf('ok', true)).toBe('yes')
    expect(leaf('epoch', 7)).toBe('7')
    expect(leaf('at', 1_789_000_000_000)).toMatch(/^20\d\d-/)
  })

  test('resources in one line', () => {
    expect(leaf('resources', { cpuMilli: 500, memMb: 64, diskMb: 0, gpus: 0 })).toBe('0.5 CPU, 64 MiB')
  })

  test('an id leads to its thing; a task by its framework, however far above that stands', () => {
    const body = { frameworkId: '7-F1', tasks: [{ taskId: 't1', slaveId: '7-S1' }] }
    const [framework, tasks] = treeOf('offer.accept', body).branches
    expect(framework?.thing).toEqual({ kind: 'framework', key: '7-F1' })
    expect(tasks?.branches[0]?.branches.map(({ thing }) => thing)).toEqual([
      { kind: 'task', key: '7-F1 t1' },
      { kind: 'slave', key: '7-S1' },
    ])
  })

  test('ids in a list, too', () => {
    const [first] = treeOf('offerIds', ['7-O1']).branches
    expect(first).toMatchObject({ name: '1', text: '7-O1', thing: { kind: 'offer', key: '7-O1' } })
  })
})

describe('rows, one of which is open:', () => {
  const rows: Rows = { count: 100, rowHeight: 40, open: 3, openHeight: 500 }

  test('those below it stand lower', () => {
    expect(topOf(rows, 3)).toBe(120)
    expect(topOf(rows, 4)).toBe(660)
    expect(heightOf(rows)).toBe(4500)
  })

  test('what is open is its row, however far it reaches', () => {
    expect(rowAt(rows, 125)).toBe(3)
    expect(rowAt(rows, 600)).toBe(3)
    expect(rowAt(rows, 661)).toBe(4)
    expect(rowAt(rows, 99_999)).toBe(99)
  })

  test('only those that can be seen are there', () => {
    const [first, end] = seenRows(rows, 2000, 400)
    expect(first).toBeGreaterThan(20)
    expect(end).toBeLessThan(60)
    expect(seenRows({ count: 0, rowHeight: 40, openHeight: 0 }, 0, 400)).toEqual([0, 0])
  })
})
