/** What went wrong, as a sentence for people: errors begin small, as they stand behind a colon elsewhere. */
export function asSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
