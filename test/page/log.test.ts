import { describe, expect, test } from 'vitest'
import { blocksOf } from '../../services/visualizer/page/task/log/blocks.ts'
import {
  LogText,
  longestLine,
  mostLetters,
  mostLines,
} from '../../services/visualizer/page/task/log/logText.ts'

function read(...pieces: string[]): LogText {
  const log = new LogText()
  for (const piece of pieces) log.append(piece)
  return log
}
const lines = (log: LogText) => log.lines.map(({ spans }) => spans.map(({ text }) => text).join(''))

describe('what a program wrote', () => {
  test('comes in lines, however it was cut', () => {
    expect(lines(read('one\ntwo\r\nthree'))).toEqual(['one', 'two', 'three'])
    expect(lines(read('on', 'e\nt', 'wo\r', '\nthree'))).toEqual(['one', 'two', 'three'])
    expect(lines(read('\n\na'))).toEqual(['', '', 'a'])
  })

  test('is written over where a carriage return says so', () => {
    expect(lines(read('1 %\r50 %\r100 %\ndone'))).toEqual(['100 %', 'done'])
    expect(lines(read('1 %\r', '100 %'))).toEqual(['100 %'])
  })

  test('has its colours, and nothing else that works on a terminal', () => {
    const { lines: read1 } = read('a \u001b[1;31mred\u001b[0m b\u001b[2J\u001b]0;title\u0007\u0008')
    expect(read1[0]?.spans).toEqual([
      { text: 'a ', style: {} },
      { text: 'red', style: { bold: true, colour: 1 } },
      { text: ' b', style: {} },
    ])
  })

  test('has its colours where an order was cut in two', () => {
    const { lines: read1 } = read('\u001b[3', '2mgreen\u001b', '[39m plain')
    expect(read1[0]?.spans).toEqual([
      { text: 'green', style: { colour: 2 } },
      { text: ' plain', style: {} },
    ])
  })

  test('a colour of many changes nothing, and swallows nothing', () => {
    const { lines: read1 } = read('\u001b[38;5;200;1mbold')
    expect(read1[0]?.spans).toEqual([{ text: 'bold', style: { bold: true } }])
  })

  test('an order that never ends is words', () => {
    expect(lines(read(`\u001b[${'1'.repeat(200)}`)).join('')).toContain('111')
  })

  test('is bounded, and says how much is gone', () => {
    const many = read('x\n'.repeat(mostLines + 100))
    expect(many.lines.length).toBe(mostLines)
    expect(many.dropped).toBe(101)
    const long = read('y'.repeat(mostLetters + longestLine))
    expect(long.lines.every(({ length }) => length <= longestLine)).toBe(true)
    expect(long.lines.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(mostLetters)
  })

  test('only blocks of which something has changed are others', () => {
    const log = read('x\n'.repeat(250))
    const before = blocksOf(log.lines).map(({ version }) => version)
    log.append('more')
    const after = blocksOf(log.lines).map(({ version }) => version)
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
    expect(after[2]).not.toBe(before[2])
  })
})
