/** The shape of one setting: its default, its unit, its bounds and its reason. */

export interface NumberSetting {
  readonly fallback: number
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly reason: string
}

export const number = (
  fallback: number,
  unit: string,
  min: number,
  max: number,
  reason: string,
): NumberSetting => ({
  fallback,
  unit,
  min,
  max,
  reason,
})
