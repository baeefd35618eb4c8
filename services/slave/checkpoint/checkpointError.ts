/** A checkpoint that cannot be had, or not be written; the message is a sentence and says what to do. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError'
}

/** Made at the door to the operating system, whose errors name the call and the path. */
export function cannot(what: string, error: unknown): CheckpointError {
  if (error instanceof CheckpointError) return error
  const why = error instanceof Error ? error.message : String(error)
  return new CheckpointError(`${what}: ${why}.`, { cause: error })
}
