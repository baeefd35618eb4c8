/** What is shown is asked of the leader, and no more of it. */
import type { Operator } from '../client.ts'
import type { Counts } from './layout.ts'
import type { Look, State } from './screen.ts'
import type { Orders } from './view.ts'

/** One answer holds no more. */
const mostRows = 200

/** How many there are is asked first: it says how many rows of each there is room for. */
export async function lookAt(
  operator: Pick<Operator, 'ask'>,
  orders: Orders,
  rowsFor: (state: State) => Counts,
): Promise<Look> {
  const state = await operator.ask('cluster.get', {})
  const rows = rowsFor(state)
  const limit = (wanted: number) => Math.min(wanted, mostRows)
  const [{ frameworks }, { slaves }, { tasks }] = await Promise.all([
    rows.frameworks > 0
      ? operator.ask('frameworks.list', { order: orders.frameworks, limit: limit(rows.frameworks) })
      : { frameworks: [] },
    rows.slaves > 0
      ? operator.ask('slaves.list', { order: orders.slaves, limit: limit(rows.slaves) })
      : { slaves: [] },
    rows.tasks > 0
      ? operator.ask('tasks.list', { order: orders.tasks, limit: limit(rows.tasks) })
      : { tasks: [] },
  ])
  return { state, frameworks, slaves, tasks, at: Date.now() }
}
