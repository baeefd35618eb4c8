/** States by tone and by shape, so that nobody needs colours to tell them apart. */
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'quiet'
export type Shape = 'full' | 'ring' | 'half' | 'check' | 'cross' | 'square' | 'triangle' | 'dash'
export interface StateLook {
  readonly tone: Tone
  readonly shape: Shape
}

/** Of tasks, slaves, frameworks, offers and actors; no two lives use one word differently. */
const looks: Readonly<Record<string, readonly [tone: Tone, shape: Shape]>> = {
  staging: ['busy', 'ring'],
  starting: ['busy', 'half'],
  running: ['ok', 'full'],
  killing: ['warn', 'half'],
  finished: ['ok', 'check'],
  failed: ['bad', 'cross'],
  killed: ['quiet', 'square'],
  error: ['bad', 'cross'],
  dropped: ['bad', 'dash'],
  unreachable: ['bad', 'triangle'],
  lost: ['bad', 'triangle'],

  registering: ['busy', 'ring'],
  active: ['ok', 'full'],
  disconnected: ['warn', 'triangle'],
  draining: ['warn', 'half'],
  drained: ['quiet', 'square'],
  gone: ['bad', 'cross'],

  subscribing: ['busy', 'ring'],
  suppressed: ['quiet', 'dash'],
  failingOver: ['warn', 'triangle'],
  completed: ['quiet', 'check'],

  pending: ['busy', 'ring'],
  accepted: ['ok', 'check'],
  declined: ['quiet', 'dash'],
  filtered: ['quiet', 'half'],
  lapsed: ['quiet', 'square'],
  rescinded: ['warn', 'cross'],

  leading: ['ok', 'full'],
  standby: ['quiet', 'ring'],
  deposed: ['bad', 'cross'],
  stopped: ['quiet', 'square'],
}

export function lookOf(state: string): StateLook {
  const [tone, shape] = looks[state] ?? (['quiet', 'ring'] as const)
  return { tone, shape }
}

/** `failingOver` as people say it. */
export const stateInWords = (state: string): string =>
  state.replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`)
