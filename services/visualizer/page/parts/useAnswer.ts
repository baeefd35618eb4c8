/** What was answered to a question, asked again when the question is another. */
import { useEffect, useState } from 'preact/hooks'
import type { Answers, Question } from '../../language.ts'
import { ask, link } from '../connection.ts'
import type { Seen } from './Shown.tsx'

/** `again`: asked once more when this is another, though the question is the same. */
export function useAnswer<About extends Question['about']>(
  question: Extract<Question, { about: About }>,
  again?: unknown,
): Seen<Answers[About]> {
  const [seen, setSeen] = useState<Seen<Answers[About]>>({ kind: 'waiting' })
  const open = link.value === 'open'
  useEffect(() => {
    if (!open) return
    let wanted = true
    ask<About>(question).then(
      (shows) => wanted && setSeen({ kind: 'shown', shows }),
      (error: Error) => wanted && setSeen({ kind: 'sorry', sentence: error.message }),
    )
    return () => {
      wanted = false
    }
  }, [JSON.stringify(question), again, open])
  return seen
}
