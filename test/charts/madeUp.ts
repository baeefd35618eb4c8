/** Charts that nobody runs: what is in none of ours, but may be in one that is written tomorrow. */
import { type AnyStateMachine, createMachine } from 'xstate'
import { charts } from '../../statecharts/index.ts'

/** States within states, states beside states, and ways of every kind between them. */
export const lift = createMachine({
  id: 'lift',
  initial: 'parked',
  entry: 'wakeUp',
  states: {
    parked: {
      exit: ['shutDoors', 'ring'],
      on: {
        call: [{ guard: 'isNear', target: 'riding.up', actions: 'hurry' }, { target: 'riding' }],
        watch: { target: 'watched', actions: ['lookUp', 'lookDown'] },
        again: { target: 'parked' },
      },
      after: { 1000: 'asleep', patience: { guard: 'isNear', target: 'parked', reenter: true } },
    },
    asleep: { on: { call: 'parked' } },
    riding: {
      initial: 'down',
      entry: 'startMotor',
      exit: 'stopMotor',
      states: {
        up: { on: { turn: 'down', arrive: 'there', alarm: '#lift.broken' } },
        down: { on: { turn: 'up', arrive: 'there', alarm: '#lift.broken' } },
        there: { type: 'final' },
      },
      on: {
        'door.opened': { actions: 'shout' },
        'door.*': { actions: 'mutter' },
        start: '.down',
        restart: { target: '.down', reenter: true },
        same: 'riding',
        anew: { target: 'riding', reenter: true },
      },
      onDone: { target: 'parked', actions: 'open' },
    },
    watched: {
      type: 'parallel',
      states: {
        doors: {
          initial: 'shut',
          states: {
            shut: { on: { open: 'ajar', dim: '#light.off' } },
            ajar: { always: { guard: 'isWindy', target: 'shut', actions: 'slam' } },
            gone: { type: 'final' },
          },
          on: { lose: '.gone' },
        },
        light: {
          id: 'light',
          initial: 'on',
          entry: 'hum',
          states: {
            on: { on: { dim: 'off' } },
            off: { on: { dim: 'on' } },
            gone: { type: 'final' },
          },
          on: { lose: '.gone' },
        },
        bell: { type: 'final' },
      },
      on: { ring: '.light.off' },
      onDone: 'asleep',
    },
    broken: { type: 'final', entry: 'weep' },
  },
  on: {
    stop: { target: '.broken', actions: 'brake' },
    'door.opened': { actions: 'ignoreDoor' },
    '*': { actions: 'complain' },
  },
})

/** Parallel from the start. */
export const pair = createMachine({
  id: 'a pair',
  type: 'parallel',
  states: {
    left: { initial: 'on', states: { on: { on: { flip: 'off' } }, off: { on: { flip: 'on' } } } },
    right: { initial: 'off', states: { on: { on: { flip: 'off' } }, off: { on: { flip: 'on' } } } },
  },
  on: { swap: { target: '.left.off', actions: 'exchange' } },
})

/** Names that mean something to XML, to SCXML or to Mermaid; `.` within a name stands behind a backslash. */
export const odd = createMachine({
  id: '<odd> & "odd"',
  initial: 'state',
  states: {
    state: { on: { 'a<b&"c"': 'in place', "it's; %% so": { target: '1st', guard: 'x < 2 && y > "3"' } } },
    'in place': { on: { '-->': 'in_place', 'direction TB': 'default' } },
    in_place: { on: { 'tab\tand\nline': 'ünter\u{1f600}', '#35;': 'end "{of}" it' } },
    '1st': { on: { '[[fork]]': { target: 'a\\.b', actions: ['<script>', 'b: c::d'] } } },
    'a.b': { on: { '*': 'any', 'x y': 'Class' } },
    any: { on: { note: '<b>' } },
    Class: { on: { go: 'any' } },
    default: { on: { go: '<b>' } },
    'ünter\u{1f600}': { on: { go: '<b>' } },
    'end "{of}" it': { entry: ['note "this"', 'end note'], on: { go: '<b>' } },
    '<b>': { type: 'final' },
  },
})

export const allCharts: Readonly<Record<string, AnyStateMachine>> = { ...charts, lift, pair, odd }
