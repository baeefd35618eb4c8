/** The lease under answers that are lost, late, or somebody else's: a table of what was heard and until when it is held. */
import { expect, test } from 'vitest'
import { readMasterSettings } from '../shared/config.ts'
import {
  holdLease,
  isLapsed,
  keepLease,
  type Lease,
  type LeaseAnswered,
  lookAtLease,
  losesLease,
  newLease,
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

test('a create whose answer was lost is read back, and is ours by its nonce', () => {
  const lease = newLease('mine', settings)
  seekLease(lease, answered('read', 0, { outcome: 'vacant' }, 100))
  expect(ops(seekLease(lease, answered('create', 100, { outcome: 'unknown' }, 2100)))).toEqual(['read'])
  const read = answered('read', 2100, { outcome: 'held', nonce: 'mine', revision: 3, floor: 0 })
  expect(winsLease(lease, read)).toBe(true)
  holdLease(lease, read)
  expect([lease.revision, lease.deadline]).toEqual([3, 100 + 13_000])
})

test("another's lease is no win, and a conflict is read", () => {
  const lease = newLease('mine', settings)
  expect(winsLease(lease, answered('read', 0, { outcome: 'held', nonce: 'theirs', revision: 3, floor: 0 }))).toBe(false)
  expect(seekLease(lease, answered('read', 0, { outcome: 'held', nonce: 'theirs', revision: 3, floor: 0 }))).toEqual([])
  expect(ops(seekLease(lease, answered('create', 0, { outcome: 'conflict' })))).toEqual(['read'])
})

test('renewals that nobody answered prove nothing: the deadline stays where the last good write put it', () => {
  const lease = held()
  renewLease(lease, 5000)
  expect(ops(keepLease(lease, answered('update', 5000, { outcome: 'unknown' }, 7000)))).toEqual([])
  renewLease(lease, 8000)
  expect(ops(keepLease(lease, answered('update', 8000, { outcome: 'conflict' })))).toEqual(['read'])
  // The first of them had landed: the lease is counted from it, not from the second.
  keepLease(lease, answered('read', 8010, { outcome: 'held', nonce: 'mine', revision: 8 }))
  expect([lease.revision, lease.deadline]).toEqual([8, 5000 + 13_000])
})

test('somebody else stands where our renewal should, or nothing does: lost at once', () => {
  const lease = held()
  expect(losesLease(lease, answered('read', 9000, { outcome: 'held', nonce: 'theirs', revision: 9 }))).toBe(
    true,
  )
  expect(losesLease(lease, answered('read', 9000, { outcome: 'vacant' }))).toBe(true)
  expect(losesLease(lease, answered('read', 9000, { outcome: 'unknown' }))).toBe(false)
  expect(losesLease(lease, answered('update', 9000, { outcome: 'conflict' }))).toBe(false)
})

test('given up over its own revision, so that nobody waits for it', () => {
  const lease = held()
  expect(releaseLease(lease, 6000)).toMatchObject([{ do: 'lease', op: 'remove', revision: 7 }])
  expect(lease.deadline).toBe(0)
})
