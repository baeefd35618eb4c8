import { describe, expect, test } from 'vitest'
import { stationsOf } from '../../services/visualizer/page/parts/stations.ts'
import { grouped, shortCount, shortPercent, shortSpan } from '../../services/visualizer/page/parts/words.ts'
import { obstacleLook, ranked } from '../../services/visualizer/page/why/obstacles.ts'
import { questionOf } from '../../services/visualizer/page/why/question.ts'
import { obstacleMeanings } from '../../shared/messages.ts'

describe('words', () => {
  test.each([
    [0.4, '0.4 ms'],
    [12.3, '12 ms'],
    [1250, '1.25 s'],
    [184_000, '3m 4s'],
    [7_500_000, '2h 5m'],
  ])('%d ms', (ms, words) => expect(shortSpan(ms)).toBe(words))

  test.each([
    [950, '950'],
    [9999, '9,999'],
    [12_345, '12k'],
    [3_420_000, '3.4M'],
  ])('%d things', (count, words) => expect(shortCount(count)).toBe(words))

  test('digits in groups, parts of a whole', () => {
    expect(grouped(1_234_567)).toBe('1,234,567')
    expect([0, 0.004, 0.0996, 0.371, 1].map(shortPercent)).toEqual(['0 %', '0.4 %', '10 %', '37 %', '100 %'])
  })
})

describe('a life as a line', () => {
  const line = (by: string, before: string, after: string, at: number) =>
    ({ position: at, at, by, fact: 'x', before, after }) as const

  test('is the leader’s word, whichever leader', () => {
    const stations = stationsOf([
      line('asked', '', 'staging', 1),
      line('slave n1', 'staging', 'running', 2),
      line('master m1', 'staging', 'running', 5),
      line('master m2', 'running', 'running', 7),
      line('master m2', 'killed', 'killed', 9),
    ])
    expect(stations.map(({ after, lastedMs }) => [after, lastedMs])).toEqual([
      ['staging', 4],
      ['running', 4],
      ['killed', undefined],
    ])
  })

  test('is the word of whoever saw most, where no leader did', () => {
    const stations = stationsOf([
      line('slave n1', '', 'staging', 1),
      line('scheduler f', 'staging', 'running', 2),
      line('slave n1', 'staging', 'running', 3),
    ])
    expect(stations.map(({ position }) => position)).toEqual([1, 3])
  })
})

describe('why not', () => {
  test('is asked with what was filled in, and nothing else', () => {
    expect(questionOf({})).toBeUndefined()
    expect(questionOf({ framework: '7-F1', cpus: '', role: '' })).toEqual({
      about: 'why',
      frameworkId: '7-F1',
    })
    expect(questionOf({ framework: '7-F1', cpus: '4', mem: '8000', attributes: 'zone:a' })).toEqual({
      about: 'why',
      frameworkId: '7-F1',
      resources: 'cpus:4;mem:8000',
      attributes: 'zone:a',
    })
  })

  test('obstacles are told by how many they keep away, and no two look alike', () => {
    expect(ranked({ filtered: 3, none: 1, offered: 9, held: 0 }).map(([code]) => code)).toEqual([
      'none',
      'offered',
      'filtered',
    ])
    const looks = Object.keys(obstacleMeanings).map((code) => JSON.stringify(obstacleLook(code)))
    expect(new Set(looks).size).toBe(looks.length)
  })
})
