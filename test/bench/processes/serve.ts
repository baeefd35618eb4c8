/** The other end of a `Child`: what it was started with, and the answers to what it is asked. */

export const given = <Given>(): Given => JSON.parse(process.argv[2] ?? '{}') as Given

/** Says that it is ready, answers until whoever started it hangs up (or is gone), stops, and ends. */
export function serve<Question>(
  answer: (question: Question) => unknown,
  stop: () => Promise<unknown> = async () => {},
): void {
  // A Ctrl-C reaches us as well: we are to go when the bench goes, and in order.
  process.on('SIGINT', () => {})
  process.on('message', async (question) => process.send?.(await answer(question as Question)))
  process.once('disconnect', () => void stop().finally(() => process.exit()))
  process.send?.('ready')
}
