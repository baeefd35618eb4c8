/** Why a file could not be had, for people: without the code and the call of which Node makes its messages. */
import { getSystemErrorMap } from 'node:util'

export const whyUnread = (error: unknown): string => inWords(error, { ENOENT: 'it does not exist' })
export const whyUnwritten = (error: unknown): string =>
  inWords(error, { ENOENT: 'its folder does not exist' })

/** The system's own words, but where they say less than is known here. */
function inWords(error: unknown, ours: Readonly<Record<string, string>>): string {
  const { code = '', errno, message } = error as NodeJS.ErrnoException
  const known = { EISDIR: 'it is a directory', ...ours }[code]
  return known ?? (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message
}
