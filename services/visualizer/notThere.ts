/** What was asked for is not there, or cannot be had: a sentence for whoever has asked. */
export class NotThere extends Error {}
