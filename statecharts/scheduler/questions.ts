/** What the author asks the leader for himself. The answer goes to him as it is. */
import type { Body } from '../../shared/messages.ts'
import { type Answered, ask, type Effect, tell } from '../decision.ts'
import { idOf, type Scheduler, timeoutMs, toLeader } from './ledger.ts'

type QuestionType = 'share.get' | 'explain.get' | 'task.explain'
/** A question, but for who asks. */
export type Question = {
  [Type in QuestionType]: { readonly about: Type; readonly body: Omit<Body<Type>, 'frameworkId'> }
}[QuestionType]

export function askLeader(
  scheduler: Scheduler,
  { about, body, ref }: Question & { readonly ref: string },
): Effect[] {
  const whole = { ...body, frameworkId: idOf(scheduler) } as Body<typeof about>
  return [ask(about, toLeader, whole, ref, timeoutMs(scheduler))]
}

export const tellAnswer = (_scheduler: Scheduler, { ref, answer }: Answered<QuestionType>): Effect[] => [
  tell({ news: 'answer', ref, answer }),
]
