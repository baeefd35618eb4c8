/** Whether a role does what it is there for; the sentence says what, or why not. */
export interface Readiness {
  readonly ready: boolean
  readonly sentence: string
}
export const ready = (sentence: string): Readiness => ({ ready: true, sentence })
export const unready = (sentence: string): Readiness => ({ ready: false, sentence })
