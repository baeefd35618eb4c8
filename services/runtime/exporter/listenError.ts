/** Nobody can be heard there; the message says why. */
export class ListenError extends Error {}
