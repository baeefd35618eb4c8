/** How many there are, in a sentence: `1 task`, `12 tasks`. */
export const counted = (count: number, noun: string): string => `${count} ${nounFor(count, noun)}`

/** The noun alone, for a number that is written otherwise than plainly. */
export const nounFor = (count: number, noun: string): string => (count === 1 ? noun : `${noun}s`)
