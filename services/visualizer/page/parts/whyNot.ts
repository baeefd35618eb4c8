/** Why nothing can be asked of the cluster from here, where that is so. */
import { clock, hello, link } from '../connection.ts'

export function whyNoActions(): string | undefined {
  if (link.value !== 'open') return 'The server of this page is away.'
  if (hello.value?.source.live !== true) return 'This is a recording: nothing of it can be changed.'
  if (hello.value.user === undefined) return 'This page only looks: its server was started with --read-only.'
  if (clock.value?.now !== true) return 'This is the past: go to now to act.'
  return undefined
}
