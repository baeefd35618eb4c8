/** The lease under answers that are lost, late, or somebody else's: a table of what was heard and until when it is held. */
import { expect, test } from 'vitest'
import { readMasterSettings } from '../shared/config.ts'
import {
  epochOf,
  holdLease,
  isLapsed,
  keepLease,
  type Lease,
  type LeaseAnswered,
  lookAtLease,
  losesLease,
  newLease,
  noteFound,
  noteMissed,
  releaseLease,
  renewLease,
  seekLease,
  winsLease,
} from '../statecharts/lease.ts'

const settings = readMasterSettings({ leaseTtlSeconds: 15, leaseMarginSeconds: 2 })
const answered = (
  op: LeaseAnswered['op'],
  sentAt: number,
  result: LeaseAnswered['result'],
  at = sentAt + 10,
): LeaseAnswered => ({ type: 'lease.answered', at, op, sentAt, floor: 0, result })
const ops = (effects: readonly { do: string }[]) =>
  effects.filter((effect) => effect.do === 'lease').map((effect) => (effect as { op?: string }).op)

function held(): Lease {
  const lease = newLease('mine', settings)
  expect(ops(lookAtLease(lease, 0))).toEqual(['read'])
  expect(ops(seekLease(lease, answered('read', 0, { outcome: 'vacant' })))).toEqual(['create'])
  const won = answered('create', 10, { outcome: 'written', revision: 7 })
  expect(winsLease(lease, won)).toBe(true)
  holdLease(lease, won)
  return lease
}

test('held until a margin before the TTL, counted from when the write was sent', () => {
  const lease = held()
  expect([lease.revision, lease.deadline]).toEqual([7, 10 + 13_000])
  expect([isLapsed(lease, 13_009), isLapsed(lease, 13_010)]).toEqual([false, true])
})

test('a create whose answer was lost is read back, is ours by its nonce, and is written over by us', () => {
  const lease = newLease('mine', settings)
  seekLease(lease, answered('read', 0, { outcome: 'vacant' }, 100))
  expect(ops(seekLease(lease, answered('create', 100, { outcome: 'unknown' }, 2100)))).toEqual([])
  const read = answered('read', 2100, { outcome: 'held', nonce: 'mine', revision: 3, floor: 0 })
  expect(winsLease(lease, read)).toBe(false)
  expect(seekLease(lease, read)).toMatchObject([{ op: 'update', revision: 3 }])
  const written = answered('update', 2110, { outcome: 'written', revision: 4 })
  expect(winsLease(lease, written)).toBe(true)
  holdLease(lease, written)
  expect([lease.revision, lease.deadline]).toEqual([4, 2110 + 13_000])
})

const theirs = (nonce: string, revision: number) =>
  answered('read', 0, { outcome: 'held', nonce, revision, floor: 0 })

test('a holder whom the bus does not find, three times in a row, is written over; one who answers is not', () => {
  const lease = newLease('mine', settings)
  seekLease(lease, theirs('theirs', 3))
  noteMissed(lease, 100)
  noteMissed(lease, 150)
  noteFound(lease, 200)
  for (const at of [300, 350]) expect(noteMissed(lease, at)).toEqual([])
  expect(ops(noteMissed(lease, 400))).toEqual(['read'])
  expect(seekLease(lease, theirs('theirs', 5))).toMatchObject([{ op: 'update', revision: 5 }])
  // Whoever was quicker is left in peace.
  expect(ops(seekLease(lease, answered('update', 401, { outcome: 'conflict' })))).toEqual(['read'])
  expect(seekLease(lease, theirs('quicker', 6))).toEqual([])
})

test('misses of one holder are not counted against the next', () => {
  const lease = newLease('mine', settings)
  seekLease(lease, theirs('theirs', 3))
  for (const at of [100, 150, 200]) noteMissed(lease, at)
  expect(seekLease(lease, theirs('next', 4))).toEqual([])
})

test('a store that was lost counts from the start: the floor lifts the epoch above every one that was heard', () => {
  const lease = newLease('mine', settings)
  lease.highest = 40
  const low = answered('create', 0, { outcome: 'written', revision: 1 })
  expect(winsLease(lease, low)).toBe(false)
  expect(seekLease(lease, low)).toMatchObject([{ op: 'update', revision: 1, floor: 39 }])
  const lifted = { ...answered('update', 10, { outcome: 'written', revision: 2 }), floor: 39 }
  expect(winsLease(lease, lifted)).toBe(true)
  holdLease(lease, lifted)
  expect(epochOf(lease)).toBe(41)
})

test('a vacant lease is left alone while somebody answers: he has only just given it up, or has another', () => {
  const lease = newLease('mine', settings)
  noteFound(lease, 1000)
  expect(seekLease(lease, answered('read', 1100, { outcome: 'vacant' }, 1101))).toEqual([])
  expect(ops(seekLease(lease, answered('read', 2000, { outcome: 'vacant' }, 2001)))).toEqual(['create'])
})

test("another's lease is no win, and a conflict is read", () => {
  const lease = newLease('mine', settings)
  expect(
    winsLease(lease, answered('read', 0, { outcome: 'held', nonce: 'theirs', revision: 3, floor: 0 })),
  ).toBe(false)
  expect(
    seekLease(lease, answered('read', 0, { outcome: 'held', nonce: 'theirs', revision: 3, floor: 0 })),
  ).toEqual([])
  expect(ops(seekLease(lease, answered('create', 0, { outcome: 'conflict' })))).toEqual(['read'])
})

test('renewals that nobody answered prove nothing: the deadline stays where the last good write put it', () => {
  const lease = held()
  renewLease(lease, 5000)
  expect(ops(keepLease(lease, answered('update', 5000, { outcome: 'unknown' }, 7000)))).toEqual(['read'])
  renewLease(lease, 8000)
  expect(ops(keepLease(lease, answered('update', 8000, { outcome: 'conflict' })))).toEqual(['read'])
  // The first of them had landed: the lease is counted from it, not from the second.
  keepLease(lease, answered('read', 8010, { outcome: 'held', nonce: 'mine', revision: 8, floor: 0 }))
  expect([lease.revision, lease.deadline]).toEqual([8, 5000 + 13_000])
})

test('somebody else stands where our renewal should, or nothing does: lost at once', () => {
  const lease = held()
  expect(
    losesLease(lease, answered('read', 9000, { outcome: 'held', nonce: 'theirs', revision: 9, floor: 0 })),
  ).toBe(true)
  expect(losesLease(lease, answered('read', 9000, { outcome: 'vacant' }))).toBe(true)
  expect(losesLease(lease, answered('read', 9000, { outcome: 'unknown' }))).toBe(false)
  expect(losesLease(lease, answered('update', 9000, { outcome: 'conflict' }))).toBe(false)
})

test('given up over its own revision, so that nobody waits for it', () => {
  const lease = held()
  expect(releaseLease(lease, 6000)).toMatchObject([{ do: 'lease', op: 'remove', revision: 7 }])
  expect(lease.deadline).toBe(0)
})

test('read back at the revision that we knew, nothing of what we wrote has landed: nothing is gained by it', () => {
  const lease = held()
  renewLease(lease, 5000)
  keepLease(lease, answered('update', 5000, { outcome: 'unknown' }, 7000))
  keepLease(lease, answered('read', 7000, { outcome: 'held', nonce: 'mine', revision: 7, floor: 0 }))
  expect([lease.revision, lease.deadline]).toEqual([7, 10 + 13_000])
})
