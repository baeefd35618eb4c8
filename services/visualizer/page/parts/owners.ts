/** Frameworks go by numbers; each number has a colour. After ten they begin anew: names are always beside them. */
export const ownerColours = 10
/** What a cell says that nobody holds. */
export const nobody = 255

export const ownerColour = (owner: number): string => `var(--owner-${owner % ownerColours})`
