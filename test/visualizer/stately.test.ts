/** What Stately's own inspector is told: by the types of its package, to its own receiver, over a real socket. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInspector, createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createActor, createMachine, getNextSnapshot } from 'xstate'
import { batch } from '../../services/frameworks/batch.ts'
import { openTraceFile } from '../../services/operator/traceFile.ts'
import { SimulatedCluster } from '../../services/simulator/index.ts'
import { openRecording } from '../../services/visualizer/sources/file.ts'
import { Inspection, type StatelyTold, statelyText } from '../../services/visualizer/stately.ts'
import { StatelyTrace } from '../../services/visualizer/statelyTrace.ts'
import { startWeb, type Web } from '../../services/visualizer/web.ts'
import type { Step } from '../../shared/trace.ts'
import { chartAsJson, charts } from '../../statecharts/index.ts'
import { offerLife } from '../../statecharts/lives.ts'

const steps = runCluster()

/** A leader is killed while work is going on, and another takes over. */
function runCluster(): Step[] {
  const heard: Step[] = []
  const cluster = new SimulatedCluster({ seed: 7, onStep: (step) => heard.push(structuredClone(step)) })
  let done = 0
  const work = Array.from({ length: 8 }, () => ({ cpus: 1, mem: 64, command: ['sleep', '3'] }))
  cluster.addMaster('M0')
  cluster.addMaster('M1')
  for (const name of ['S0', 'S1']) cluster.addSlave(name, { resources: { cpus: 2, mem: 1024 } })
  cluster.addFramework('mine', batch(work, { onResult: () => done++ }))
  cluster.until(() => done === 2)
  cluster.kill('M0')
  cluster.until(() => done === 8)
  return heard
}

/** Of the package's own kind, or this does not compile. */
const told = tellAll() satisfies StatelyInspectionEvent[]
function tellAll(): StatelyTold[] {
  const inspection = new Inspection()
  return steps.flatMap((step) => inspection.eventsOf(step))
}

test('each event has what the package itself would say', async () => {
  const theirs = await saidByPackage()
  for (const type of ['@xstate.actor', '@xstate.event', '@xstate.snapshot'] as const) {
    const [own, foreign] = [told, theirs].map((events) => events.find((event) => event.type === type))
    expect(Object.keys(own ?? {}).sort()).toEqual(Object.keys(foreign ?? {}).sort())
    expect(own?._version).toBe(foreign?._version)
  }
})

/** Its inspector takes its time: it is heard until it has told where the event has led. */
function saidByPackage(): Promise<StatelyInspectionEvent[]> {
  return new Promise((resolve) => {
    const said: StatelyInspectionEvent[] = []
    const send = (event: StatelyInspectionEvent) => {
      said.push(event)
      if (event.type === '@xstate.snapshot' && event.event.type === 'accept') resolve(said)
    }
    const inspector = createInspector({ send })
    createActor(offerLife, { inspect: inspector.inspect }).start().send({ type: 'accept' })
  })
}

describe('over a socket, to the receiver of the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-test-stately-'))
  let web: Web
  let received: StatelyInspectionEvent[]

  beforeAll(async () => {
    const file = await openTraceFile(join(folder, 'run.trace'))
    for (const step of steps) file.write(step)
    await file.finish()
    web = await startWeb({
      source: await openRecording(join(folder, 'run.trace')),
      host: '127.0.0.1',
      port: 0,
    })
    received = await receive(`${web.url.replace('http', 'ws')}inspect`, told.length)
  })
  afterAll(async () => {
    await web.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('all of it comes, in order, as it was told', () => {
    const known = (event: StatelyTold | StatelyInspectionEvent) => ({ ...event, sourceId: undefined })
    expect(received.map(known)).toEqual(told.map((event) => JSON.parse(statelyText(event))).map(known))
  })

  test('whoever is heard of was met before, and so were his parent and whoever speaks to him', () => {
    const met = new Set<string | undefined>([undefined])
    for (const event of received) {
      if (event.type === '@xstate.actor') {
        expect(met).toContain(event.parentId)
        met.add(event.sessionId)
      } else expect(met).toContain(event.sessionId)
      if (event.type === '@xstate.event') expect(met).toContain(event.sourceId)
    }
    expect([...met].filter((session) => session && !session.includes('/'))).toEqual(
      expect.arrayContaining([
        'master M0',
        'master M1',
        'slave S0',
        'slave S1',
        'scheduler mine',
        'executor S0.command',
      ]),
    )
  })

  test.each([
    ['slave.register', 'master M0', 'slave S0'],
    ['slave.register', 'master M1', 'slave S1'],
    ['offer.make', 'scheduler mine', 'master M0'],
    ['offer.make', 'scheduler mine', 'master M1'],
    ['offer.accept', 'master M0', 'scheduler mine'],
    ['answer.offer.accept', 'scheduler mine', 'master M0'],
    ['task.launch', 'slave S0', 'master M0'],
    ['status.update', 'slave S0', 'executor S0.command'],
    ['status.update', 'scheduler mine', 'slave S1'],
    ['wake.beat', 'slave S0', undefined],
  ])('%s is heard by %s, said by %s', (type, sessionId, sourceId) => {
    const heard = received.filter(
      (event) => event.type === '@xstate.event' && event.sessionId === sessionId && event.event.type === type,
    ) as { sourceId?: string }[]
    const sources = new Set(heard.map((event) => event.sourceId))
    if (sourceId === undefined) expect([...sources]).toEqual([undefined])
    else expect([...sources]).toContain(sourceId)
  })

  test('a definition is the chart, and every snapshot a state of it', () => {
    const charted = new Map<string, ReturnType<typeof createMachine>>()
    for (const event of received) {
      if (event.type === '@xstate.actor' && event.definition !== undefined)
        charted.set(event.sessionId, createMachine(JSON.parse(event.definition)))
      if (event.type === '@xstate.event') continue
      const { value, status } = event.snapshot as { value: string; status: string }
      const state = charted.get(event.sessionId)?.states[value]
      expect(state, `${event.sessionId} ${value}`).toBeDefined()
      expect(status).toBe(state?.type === 'final' ? 'done' : 'active')
    }
    const [master] = received
    expect(master).toMatchObject({ type: '@xstate.actor', name: 'master M0' })
    expect(JSON.parse((master as { definition: string }).definition)).toEqual(chartAsJson(charts.master))
  })

  test('a life goes as its chart says', () => {
    const lives = new Map<string, { machine: ReturnType<typeof createMachine>; value: string }>()
    let checked = 0
    for (const event of received) {
      if (event.type === '@xstate.actor' && event.parentId !== undefined) {
        const machine = createMachine(JSON.parse(event.definition ?? ''))
        lives.set(event.sessionId, { machine, value: event.snapshot.value })
      }
      const life = lives.get(event.sessionId)
      if (!life || event.type !== '@xstate.snapshot') continue
      const { machine, value } = life
      const snapshot = machine.resolveState({ value, context: {} })
      life.value = (event.snapshot as unknown as { value: string }).value
      if (!snapshot.can({ type: event.event.type } as never)) continue
      expect(life.value).toBe(getNextSnapshot(machine, snapshot, event.event as never).value)
      checked++
    }
    expect([...lives.keys()].map((key) => key.replace(/^.*\/(\w+) .*/, '$1'))).toEqual(
      expect.arrayContaining(['offer', 'task', 'slave', 'framework']),
    )
    expect(checked).toBeGreaterThan(50)
  })
})

function receive(server: string, count: number): Promise<StatelyInspectionEvent[]> {
  return new Promise((resolve) => {
    const received: StatelyInspectionEvent[] = []
    createWebSocketReceiver({ server }).subscribe((event) => {
      received.push(event)
      if (received.length === count) resolve(received)
    })
  })
}

test('as lines, bytes are words, and what a stranger traces has no chart', () => {
  const trace = new StatelyTrace()
  const heard = { type: 'framework.message', body: { payload: new Uint8Array([1, 2]) } }
  const step = { n: 1, at: 5, role: 'king' as never, id: 'x', heard, before: 'a', after: 'b', effects: [] }
  const [actor, event, snapshot] = trace.textsOf(step).map((text) => JSON.parse(text))
  expect(actor).toMatchObject({ type: '@xstate.actor', sessionId: 'king x', createdAt: '5' })
  expect(actor.definition).toBeUndefined()
  expect(event.event.body).toEqual({ payload: { base64: 'AQI=' } })
  expect(snapshot.snapshot).toEqual({ status: 'active', value: 'b', context: {} })
})
