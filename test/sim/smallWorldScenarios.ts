/** The small worlds by name: one slave, one framework, a task or two; or two masters and a store. */
import type { Scenario } from './smallWorlds.ts'

const nothing = { losses: 0, doubles: 0, waits: 0, crashes: 0 }
const plain: Scenario = {
  name: '',
  masters: ['M0'],
  isPeopled: true,
  tasks: ['ends'],
  together: 1,
  settledIn: true,
  mischances: nothing,
  inOrder: true,
  clocks: [],
  mortal: [],
}

export const scenarios: readonly Scenario[] = [
  { ...plain, name: 'a task that ends, in no order', inOrder: false, mischances: { ...nothing, losses: 1 } },
  { ...plain, name: 'two tasks at once', tasks: ['ends', 'ends'], together: 2 },
  {
    ...plain,
    name: 'two tasks, one after the other',
    tasks: ['ends', 'ends'],
    clocks: ['offers'],
    mischances: { ...nothing, waits: 1 },
  },
  { ...plain, name: 'what comes twice', mischances: { ...nothing, doubles: 1 } },
  {
    ...plain,
    name: 'what is said again',
    clocks: ['repeat'],
    mischances: { ...nothing, losses: 1, waits: 1 },
  },
  { ...plain, name: 'a kill', tasks: ['forever'] },
  { ...plain, name: 'a slave that is killed', mortal: ['S0'], mischances: { ...nothing, crashes: 1 } },
  { ...plain, name: 'a leader that is killed', mortal: ['M0'], mischances: { ...nothing, crashes: 1 } },
  {
    ...plain,
    name: 'all that register',
    tasks: [],
    settledIn: false,
    clocks: ['register', 'subscribe', 'slave.register', 'framework.subscribe'],
    mischances: { ...nothing, losses: 1 },
  },
  {
    ...plain,
    name: 'a lease',
    masters: ['M0', 'M1'],
    isPeopled: false,
    tasks: [],
    slowStore: true,
    clocks: ['lease', 'ping', 'deadline'],
    mischances: { ...nothing, losses: 1 },
  },
]
