/** The page's one connection to its server: it comes back by itself, and looks again at all that it looked at. */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Answers, Clock, Heard, Hello, PictureName, Pictures, Question, Said } from '../language.ts'

/** What a view draws: nothing yet, a picture, or why there is none. */
export type Look<Name extends PictureName> =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'shown'; readonly shows: Pictures[Name]['shows'] }
  | { readonly kind: 'sorry'; readonly sentence: string }

export const link = signal<'opening' | 'open' | 'away'>('opening')
export const hello = signal<Hello | undefined>(undefined)
export const clock = signal<Clock | undefined>(undefined)
/** What the server could make nothing of: a mistake of ours, which people should see. */
export const misunderstood = signal<string | undefined>(undefined)

/** A server that is away is looked for again after, ms. */
const retryMs = 1000

interface Slot {
  readonly said: Extract<Said, { do: 'look' }>
  readonly look: Signal<Look<PictureName>>
}
interface Pending {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}
const slots = new Map<string, Slot>()
const pending = new Map<number, Pending>()
let socket: WebSocket | undefined
let asked = 0

export function connect(): void {
  const address = new URL('./socket', location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  address.hash = ''
  const opening = new WebSocket(address)
  opening.addEventListener('open', () => {
    socket = opening
    link.value = 'open'
    for (const { said } of slots.values()) say(said)
  })
  opening.addEventListener('message', ({ data }) => hear(JSON.parse(String(data)) as Heard))
  opening.addEventListener('close', () => {
    socket = undefined
    link.value = 'away'
    for (const { reject } of pending.values()) reject(new Error('The server of this page is away.'))
    pending.clear()
    setTimeout(connect, retryMs)
  })
}

export function say(said: Said): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(said))
}

/** Asks once. Rejects with a sentence. */
export function ask<About extends Question['about']>(
  question: Extract<Question, { about: About }>,
): Promise<Answers[About]> {
  if (link.value !== 'open') return Promise.reject(new Error('The server of this page is away.'))
  const ref = ++asked
  return new Promise((resolve, reject) => {
    pending.set(ref, { resolve: resolve as (answer: never) => void, reject })
    say({ do: 'ask', ref, question })
  })
}

/** A picture that is drawn anew whenever it would be another; one to a slot. */
export function useLook<Name extends PictureName>(
  slot: string,
  picture: Name,
  asks: Pictures[Name]['asks'],
): ReadonlySignal<Look<Name>> {
  const look = useMemo(() => signal<Look<PictureName>>({ kind: 'waiting' }), [slot, picture])
  const written = JSON.stringify(asks)
  useEffect(() => {
    const said = { do: 'look', slot, picture, asks } as Slot['said']
    slots.set(slot, { said, look })
    say(said)
    return () => {
      slots.delete(slot)
      say({ do: 'lookAway', slot })
    }
  }, [slot, picture, written])
  return look as ReadonlySignal<Look<Name>>
}

function hear(heard: Heard): void {
  if ('hello' in heard) hello.value = heard.hello
  else if ('clock' in heard) clock.value = heard.clock
  else if ('slot' in heard) {
    const slot = slots.get(heard.slot)
    // A picture that was on its way when the slot was given another question is not its answer.
    if (!slot || ('picture' in heard && heard.picture !== slot.said.picture)) return
    slot.look.value =
      'sorry' in heard ? { kind: 'sorry', sentence: heard.sorry } : { kind: 'shown', shows: heard.shows }
  } else if ('ref' in heard) settle(heard)
  else misunderstood.value = heard.sorry
}

function settle(heard: Extract<Heard, { ref: number }>): void {
  const waiting = pending.get(heard.ref)
  pending.delete(heard.ref)
  if ('sorry' in heard) waiting?.reject(new Error(heard.sorry))
  else waiting?.resolve(heard.answer as never)
}
