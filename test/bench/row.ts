/** One line of the table: a figure of ours, beside the limit that was measured in the same run. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The limit in the same unit, and what it is; absent where the aim stands by itself. */
  readonly against?: number
  readonly limit?: string
  readonly ratio?: number
  readonly aim: string
  readonly met: boolean
  /** What one should know to read it. */
  readonly note?: string
  /** Where it stands in a curve. */
  readonly point?: { readonly curve: string; readonly slaves: number; readonly frameworks: number }
}
/** Said out loud instead of measured. */
export interface Skipped {
  readonly name: string
  readonly skipped: string
}

export interface Bench {
  /** How often each measurement is repeated: the median of them counts. */
  readonly rounds: number
  /** `full` of something, or with `--quick` a fifth of it. */
  amount(full: number): number
  /** Told while it runs. */
  tell(sentence: string): void
}

export type Measure = (bench: Bench) => Promise<readonly (Row | Skipped)[]>
