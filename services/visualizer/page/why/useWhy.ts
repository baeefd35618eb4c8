/** The leader's answer, slave by slave: it comes in pieces, and is shown as they come. */
import { useEffect, useState } from 'preact/hooks'
import type { ExplainRow } from '../../../../shared/messages.ts'
import { ask, link } from '../connection.ts'
import type { Why } from './question.ts'

export interface Explained {
  readonly counts: Readonly<Record<string, number>>
  readonly rows: readonly ExplainRow[]
  /** Why the policy that was asked for does not serve. */
  readonly policyFlaw?: string
  /** More of them are on their way. */
  readonly more: boolean
}
export type SeenWhy =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'shown'; readonly shows: Explained }
  | { readonly kind: 'sorry'; readonly sentence: string }

/** As many rows as a page draws, and a browser keeps. */
const mostRows = 200_000

/** `turn`: asked again when it is another, though the question is the same. */
export function useWhy(question: Why | undefined, turn: number): SeenWhy {
  const [seen, setSeen] = useState<SeenWhy>({ kind: 'unasked' })
  const open = link.value === 'open'
  useEffect(() => {
    // What was answered stays while the server is away.
    if (!open) return
    let wanted = true
    setSeen({ kind: question ? 'waiting' : 'unasked' })
    const tell = (news: SeenWhy) => wanted && setSeen(news)
    if (question)
      readAll(question, tell, () => wanted).catch(({ message }: Error) =>
        tell({ kind: 'sorry', sentence: message }),
      )
    return () => {
      wanted = false
    }
  }, [JSON.stringify(question), turn, open])
  return seen
}

async function readAll(question: Why, tell: (seen: SeenWhy) => void, isWanted: () => boolean): Promise<void> {
  let rows: readonly ExplainRow[] = []
  let after: string | undefined
  do {
    const { next, ...piece } = await ask<'why'>({ ...question, ...(after && { after }) })
    rows = [...rows, ...piece.rows]
    after = rows.length < mostRows ? next : undefined
    tell({ kind: 'shown', shows: { ...piece, rows, more: after !== undefined } })
  } while (after !== undefined && isWanted())
}
