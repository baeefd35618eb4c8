/** Where steps come from: a cluster that lives, or a recording. */
import type { Chronicle } from '../chronicle/chronicle.ts'
import type { Answers, Hello, Question, RoleRow } from '../language.ts'

/** What is asked of the cluster itself, and not of what was heard of it. */
export type ClusterQuestion = Exclude<Question, { about: 'step' }>

export interface Source {
  readonly chronicle: Chronicle
  readonly hello: Omit<Hello, 'version'>
  /** What is wrong for now, as a sentence. */
  readonly trouble: string | undefined
  /** How much of it is read, 0..1; undefined when there is no end to it, or all of it is. */
  readonly read: number | undefined
  readonly roles: readonly RoleRow[]
  readonly policy: string | undefined
  /** While somebody looks. With nobody looking nothing is asked of anybody. */
  attend(looked: boolean): void
  /** Rejects with an error whose message is for people. */
  ask(question: ClusterQuestion): Promise<Answers[ClusterQuestion['about']]>
  /** Calls when what is wrong, read or owed has changed; what the chronicle learns it says itself. */
  onChange(tell: () => void): void
  stop(): Promise<void>
}
