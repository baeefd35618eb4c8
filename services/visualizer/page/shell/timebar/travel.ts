/** Moving through what has happened, as whoever looks asks for it. */
import { signal } from '@preact/signals'
import type { Position, Sought } from '../../../language.ts'
import { clock, hello, say } from '../../connection.ts'

export const speeds = [0.1, 0.25, 0.5, 1, 2, 5, 10, 50, 100] as const
/** What play begins with. */
export const chosenSpeed = signal(1)

export const walk = (by: number): void => say({ do: 'walk', by })
export const goTo = (position: Position): void => say({ do: 'goTo', position })
export const seek = (what: Sought, back: boolean): void => say({ do: 'seek', what, back })

export const isLive = (): boolean => hello.value?.source.live === true

export function toNow(): void {
  if (isLive()) say({ do: 'goTo', position: 'now' })
}

/** Whether time passes: as it happens, or as it is played. */
export const passes = (): boolean => clock.value?.now === true || (clock.value?.speed ?? 0) > 0

export function toggle(): void {
  const { value } = clock
  if (!value) return
  // Following what happens is left by standing at a step.
  if (value.now) goTo(value.position)
  else say({ do: 'play', speed: value.speed > 0 ? 0 : chosenSpeed.value })
}

export function choose(speed: number): void {
  chosenSpeed.value = speed
  if ((clock.value?.speed ?? 0) > 0) say({ do: 'play', speed })
}
