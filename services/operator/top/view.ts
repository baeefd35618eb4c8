/** What somebody looks at in `proffer top`: which table, and in which order each; and what a key makes of that. */
import {
  type FrameworkOrder,
  frameworkOrders,
  type SlaveOrder,
  slaveOrders,
  type TaskOrder,
  taskOrders,
} from '../../../shared/messages.ts'

export const tables = ['frameworks', 'slaves', 'tasks'] as const
export type Table = (typeof tables)[number]

export interface Orders {
  readonly frameworks: FrameworkOrder
  readonly slaves: SlaveOrder
  readonly tasks: TaskOrder
}
export interface View {
  readonly table: Table
  readonly orders: Orders
}

export const firstView: View = {
  table: 'frameworks',
  orders: { frameworks: 'share', slaves: 'fullest', tasks: 'newest' },
}

const orders = { frameworks: frameworkOrders, slaves: slaveOrders, tasks: taskOrders } as const

/** As Node's readline names it. */
export interface Pressed {
  readonly name?: string | undefined
  readonly ctrl?: boolean | undefined
  readonly shift?: boolean | undefined
}

/** What a key asks for; undefined where it asks for nothing. */
export function afterKey(view: View, { name, ctrl, shift }: Pressed): View | 'quit' | undefined {
  if (ctrl) return name === 'c' || name === 'd' ? 'quit' : undefined
  if (name === 'q' || name === 'escape') return 'quit'
  if (name === 'down' || (name === 'tab' && !shift)) return { ...view, table: step(tables, view.table, 1) }
  if (name === 'up' || name === 'tab') return { ...view, table: step(tables, view.table, -1) }
  if (name === 'right') return inOtherOrder(view, 1)
  return name === 'left' ? inOtherOrder(view, -1) : undefined
}

function inOtherOrder({ table, orders: present }: View, by: 1 | -1): View {
  const order = step<string>(orders[table], present[table], by)
  return { table, orders: { ...present, [table]: order } }
}

/** The next one, round and round. */
const step = <Item>(all: readonly Item[], present: Item, by: 1 | -1): Item =>
  all[(all.indexOf(present) + by + all.length) % all.length] ?? present
