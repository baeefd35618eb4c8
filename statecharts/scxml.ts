/**
 * A chart as SCXML 1.0, W3C's notation of statecharts (https://www.w3.org/TR/scxml/), for whoever reads that.
 *
 * Decisions are elements of a namespace of our own: the standard leaves room for that within a transition, so validators
 * accept them, and interpreters pass over what they do not know. Guards are bare names: a viewer shows them, and to an
 * interpreter each is a fact in its ECMAScript data model, false until whoever runs it says otherwise.
 *
 * SCXML hears `a.b.c` where a state hears `a.b`, which XState does not. No chart of ours has two such events.
 */
import type { AnyStateMachine } from 'xstate'
import { chartAsJson } from './index.ts'
import { initialOf, isFinal, isParallel, type State, treeOf, type Way, waysOf, within } from './tree.ts'
import { Words } from './words.ts'
import { type Element, element, xmlDocument, xmlLetters, xmlName } from './xml.ts'

export const scxmlNamespace = 'http://www.w3.org/2005/07/scxml'
/** Of `<decide name="..."/>`. */
export const decisionNamespace = 'urn:proffer:decision'

export function chartAsScxml(machine: AnyStateMachine): string {
  const chart = treeOf(chartAsJson(machine))
  const facts = factsOf(chart)
  const words = new Words([...within(chart).slice(1), chart], (names) => names.map(xmlName).join('_'), facts)
  const begins = isBoxed(chart) ? chart : initialOf(chart)
  const states = isBoxed(chart) ? [chart, ...chart.children.filter(isFinal)] : chart.children
  const attributes = {
    xmlns: scxmlNamespace,
    'xmlns:proffer': decisionNamespace,
    version: '1.0',
    name: xmlName(chart.name),
    datamodel: 'ecmascript',
    initial: begins && words.of(begins),
  }
  const content = [...datamodel(facts), ...states.map((state) => stateElement(state, words))]
  return xmlDocument(element('scxml', attributes, content))
}

/** What the guards ask, where that is the name of a fact. */
function factsOf(chart: State): string[] {
  const guards = within(chart).flatMap((state) => waysOf(state).flatMap(({ guard }) => guard ?? []))
  return [...new Set(guards)].filter((guard) => /^[A-Za-z_]\w*$/.test(guard))
}

function datamodel(facts: readonly string[]): Element[] {
  const data = facts.map((fact) => element('data', { id: fact, expr: 'false' }))
  return block('datamodel', data)
}

/**
 * `<scxml>` itself hears nothing, so a chart that does is a state in it. Its final states stay outside of that: there
 * they end the machine.
 */
const isBoxed = (state: State): boolean => {
  const { id, initial, states, ...more } = state.json
  return state.parent === undefined && Object.keys(more).length > 0
}

function stateElement(state: State, words: Words): Element {
  const { entry, exit } = state.json
  const begins = isParallel(state) ? undefined : initialOf(state)
  const delays = delaysOf(state, words)
  const ways = specificFirst(waysOf(state), (way) => eventOf(way, words))
  const attributes = { id: words.of(state), initial: begins && words.of(begins) }
  return element(tagOf(state), attributes, [
    ...block('onentry', [...decisions(entry), ...delays.map(sendLater)]),
    ...block('onexit', [
      ...decisions(exit),
      ...delays.map(({ event }) => element('cancel', { sendid: event })),
    ]),
    ...ways.map((way) => transition(way, words)),
    ...contentOf(state).map((child) => stateElement(child, words)),
    ...(isFinalRegion(state) ? [element('final', { id: words.take(`${words.of(state)}_end`) })] : []),
  ])
}

/** Nothing that is parallel is final itself: what is over from the start has nothing but an end. */
const isFinalRegion = (state: State): boolean =>
  isFinal(state) && state.parent !== undefined && isParallel(state.parent)

function tagOf(state: State): string {
  if (isParallel(state)) return 'parallel'
  return isFinal(state) && !isFinalRegion(state) ? 'final' : 'state'
}

const contentOf = (state: State): readonly State[] =>
  isBoxed(state) ? state.children.filter((child) => !isFinal(child)) : state.children

const block = (tag: string, content: readonly Element[]): Element[] =>
  content.length > 0 ? [element(tag, {}, content)] : []
const decisions = (names: readonly string[] = []): Element[] =>
  names.map((name) => element('proffer:decide', { name }))

/** What happens after a while is an event that the state sends to itself, and calls off when it is left. */
const delaysOf = (state: State, words: Words): { delay: string; event: string }[] =>
  Object.keys(state.json.after ?? {}).map((delay) => ({ delay, event: delayEvent(state, delay, words) }))
const delayEvent = (state: State, delay: string, words: Words): string =>
  `${words.of(state)}_after_${xmlLetters(delay)}`
function sendLater({ delay, event }: { delay: string; event: string }): Element {
  const wait = Number.isFinite(Number(delay)) ? { delay: `${delay}ms` } : { delayexpr: delay }
  return element('send', { id: event, event, ...wait })
}

function transition(way: Way, words: Words): Element {
  const { to, isInternal } = destinationOf(way)
  const attributes = {
    event: eventOf(way, words),
    cond: way.guard,
    target: to && words.of(to),
    type: isInternal ? 'internal' : undefined,
  }
  return element('transition', attributes, decisions(way.actions))
}

/**
 * On its way to itself, or to what is within it, a state of XState's is left only where the transition says so; one of
 * SCXML's, where it does not say that it is not. What is parallel is left in any case: SCXML knows nothing else.
 */
function destinationOf({ from, to, reenters }: Way): { to: State | undefined; isInternal: boolean } {
  const leaves = !to || reenters || isParallel(from) || !within(from).includes(to)
  const isHoisted = isBoxed(from) && to !== undefined && isFinal(to)
  if (leaves || isHoisted) return { to, isInternal: false }
  if (to !== from) return { to, isInternal: true }
  const begins = initialOf(from)
  return { to: begins, isInternal: begins !== undefined }
}

function eventOf({ from, trigger }: Way, words: Words): string | undefined {
  switch (trigger.kind) {
    case 'event':
      return trigger.name
        .split('.')
        .map((token) => (token === '*' ? token : xmlLetters(token)))
        .join('.')
    case 'after':
      return delayEvent(from, trigger.delay, words)
    case 'done':
      return `done.state.${words.of(from)}`
    case 'always':
      return undefined
  }
}

/** SCXML takes the first that matches, XState the one that says most: what also hears what others hear comes last. */
function specificFirst(ways: readonly Way[], eventOf: (way: Way) => string | undefined): Way[] {
  const events = ways.map(eventOf)
  const hearsMore = (way: Way) => events.some((other) => covers(eventOf(way), other))
  const general = ways.filter(hearsMore)
  const length = (way: Way) => eventOf(way)?.length ?? 0
  return [...ways.filter((way) => !hearsMore(way)), ...general.sort((a, b) => length(b) - length(a))]
}

function covers(general: string | undefined, special: string | undefined): boolean {
  if (general === undefined || special === undefined || general === special) return false
  return general === '*' || special.startsWith(`${general.replace(/\.\*$/, '')}.`)
}
