/** A picture, or the sentence that stands in its place: no part of the page is ever blank. */
import type { ReadonlySignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { PictureName, Pictures } from '../../language.ts'
import { type Look, link } from '../connection.ts'
import { Notice } from './Notice.tsx'

interface Props<Name extends PictureName> {
  readonly look: ReadonlySignal<Look<Name>>
  /** What is waited for: `the slaves`. */
  readonly what: string
  readonly children: (shows: Pictures[Name]['shows']) => ComponentChildren
}

export const Shown = <Name extends PictureName>({ look, ...more }: Props<Name>) => (
  <SeenShown seen={look.value} {...more} />
)

/** What may be drawn, whatever it was made of. */
export type Seen<Shows> =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'shown'; readonly shows: Shows }
  | { readonly kind: 'sorry'; readonly sentence: string }

interface SeenProps<Shows> {
  readonly seen: Seen<Shows>
  readonly what: string
  readonly children: (shows: Shows) => ComponentChildren
}

export function SeenShown<Shows>({ seen, what, children }: SeenProps<Shows>) {
  if (seen.kind === 'shown') return <>{children(seen.shows)}</>
  if (seen.kind === 'sorry') return <Notice tone="bad">{seen.sentence}</Notice>
  if (link.value === 'away')
    return <Notice tone="warn">The server of this page is away: {what} will be here when it is back.</Notice>
  return <Notice>Waiting for {what} …</Notice>
}
