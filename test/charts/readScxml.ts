/** An SCXML document as an XML parser sees it, read by its standard and by nothing that wrote it. */
import { DOMParser, type Element, onWarningStopParsing } from '@xmldom/xmldom'
import { decisionNamespace, scxmlNamespace } from '../../statecharts/scxml.ts'

export interface ReadState {
  readonly id: string
  readonly tag: string
  readonly parent: string | undefined
  readonly initial: string | undefined
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  /** What it sends to itself after a while, by event. */
  readonly delays: ReadonlyMap<string, string>
}
export interface ReadTransition {
  readonly from: string
  readonly event: string
  readonly cond: string | undefined
  readonly target: string | undefined
  readonly isInternal: boolean
  readonly decides: readonly string[]
}
export interface ReadScxml {
  readonly initial: string | undefined
  readonly states: readonly ReadState[]
  readonly transitions: readonly ReadTransition[]
}

/** Throws at whatever is not well-formed, and at what this standard does not know. */
export function readScxml(text: string): ReadScxml {
  const document = new DOMParser({ onError: onWarningStopParsing }).parseFromString(text, 'text/xml')
  const root = document.documentElement
  if (root?.localName !== 'scxml' || root.namespaceURI !== scxmlNamespace) throw new Error('no SCXML')
  if (root.getAttribute('version') !== '1.0') throw new Error('another version of SCXML')
  const elements = statesIn(root)
  return {
    initial: attribute(root, 'initial'),
    states: elements.map(readState),
    transitions: elements.flatMap((element) =>
      childrenOf(element, 'transition').map((transition) => readTransition(element, transition)),
    ),
  }
}

/** The names that XML does not have are written by their numbers. */
export const decoded = (written: string): string =>
  written.replace(/_x([0-9A-F]{4,6})_/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))

const stateTags = ['state', 'parallel', 'final']

function statesIn(element: Element): Element[] {
  const states = childrenOf(element, ...stateTags)
  return states.flatMap((state) => [state, ...(endIn(state) ? [] : statesIn(state))])
}

/** Of what is parallel and over from the start, which SCXML can only say so. */
const endIn = (state: Element): Element | undefined =>
  childrenOf(state, 'final').find((end) => end.getAttribute('id') === `${state.getAttribute('id')}_end`)

function readState(element: Element): ReadState {
  const parent = element.parentNode as Element
  const [entry] = childrenOf(element, 'onentry')
  const [exit] = childrenOf(element, 'onexit')
  const sends = entry ? childrenOf(entry, 'send') : []
  const cancels = exit ? childrenOf(exit, 'cancel').map((cancel) => cancel.getAttribute('sendid')) : []
  if (sends.some((send) => !cancels.includes(send.getAttribute('id')))) throw new Error('never called off')
  return {
    id: element.getAttribute('id') ?? '',
    tag: endIn(element) ? 'final' : (element.localName ?? ''),
    parent: attribute(parent, 'id'),
    initial: attribute(element, 'initial'),
    entry: decisionsIn(entry),
    exit: decisionsIn(exit),
    delays: new Map(sends.map((send) => [attribute(send, 'event') ?? '', delayOf(send)])),
  }
}

const delayOf = (send: Element): string =>
  attribute(send, 'delayexpr') ?? `${attribute(send, 'delay')}`.replace(/ms$/, '')

function readTransition(state: Element, transition: Element): ReadTransition {
  return {
    from: state.getAttribute('id') ?? '',
    event: attribute(transition, 'event') ?? '',
    cond: attribute(transition, 'cond'),
    target: attribute(transition, 'target'),
    isInternal: transition.getAttribute('type') === 'internal',
    decides: decisionsIn(transition),
  }
}

const decisionsIn = (element: Element | undefined): string[] =>
  elementsIn(element)
    .filter(({ namespaceURI, localName }) => namespaceURI === decisionNamespace && localName === 'decide')
    .map((decide) => decide.getAttribute('name') ?? '')

const childrenOf = (element: Element, ...tags: string[]): Element[] =>
  elementsIn(element).filter(
    ({ namespaceURI, localName }) => namespaceURI === scxmlNamespace && tags.includes(localName ?? ''),
  )
const elementsIn = (element: Element | undefined): Element[] =>
  [...(element?.childNodes ?? [])].filter((node): node is Element => node.nodeType === node.ELEMENT_NODE)
const attribute = (element: Element, name: string): string | undefined =>
  element.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined
