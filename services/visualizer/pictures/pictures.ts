/** Every picture by name: a new one is a file here, a line below, and its question and answer in `language.ts`. */
import type { PictureName, Pictures } from '../language.ts'
import type { Moment } from '../moment.ts'
import { actor } from './actor.ts'
import { cluster } from './cluster.ts'
import { conversation } from './conversation.ts'
import { life } from './life.ts'
import { shares } from './shares.ts'
import { summary } from './summary.ts'
import { task } from './task.ts'
import { things } from './things.ts'
import { timeline } from './timeline.ts'
import { traffic } from './traffic.ts'

export const pictures: {
  readonly [Name in PictureName]: (moment: Moment, asked: Pictures[Name]['asks']) => Pictures[Name]['shows']
} = { summary, cluster, shares, things, actor, life, traffic, conversation, timeline, task }
