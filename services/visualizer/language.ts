/**
 * What the page and its server say to each other over one WebSocket, as JSON. The page looks at pictures; the server
 * draws each out of the steps that it has heard or read, at the moment that the page stands at, and sends it again
 * when it would be another. So a page is as light for a million steps as for a hundred.
 */
import type { ExplainRow } from '../../shared/messages.ts'
import type { Resources } from '../../shared/resources.ts'
import type { Living, Step } from '../../shared/trace.ts'

/** The place of a step in what was heard or read, from 0 on, in that order. */
export type Position = number

/** A picture, the question that it answers, and what it shows. */
export interface Pictures {
  summary: { readonly asks: object; readonly shows: Summary }
  cluster: { readonly asks: ClusterAsked; readonly shows: ClusterPicture }
  shares: { readonly asks: SharesAsked; readonly shows: SharesPicture }
  things: { readonly asks: ThingsAsked; readonly shows: ThingsPicture }
  actor: { readonly asks: ActorAsked; readonly shows: ActorPicture }
  life: { readonly asks: LifeAsked; readonly shows: LifePicture }
  traffic: { readonly asks: TrafficAsked; readonly shows: TrafficPicture }
  conversation: { readonly asks: ConversationAsked; readonly shows: ConversationPicture }
  timeline: { readonly asks: TimelineAsked; readonly shows: TimelinePicture }
  task: { readonly asks: TaskAsked; readonly shows: TaskPicture }
}
export type PictureName = keyof Pictures

/** What the page says. */
export type Said =
  /** Draws this picture into this slot from now on; what was drawn there before is drawn no more. */
  | {
      [Name in PictureName]: {
        readonly do: 'look'
        readonly slot: string
        readonly picture: Name
        readonly asks: Pictures[Name]['asks']
      }
    }[PictureName]
  | { readonly do: 'lookAway'; readonly slot: string }
  /** Where the page stands from now on. */
  | { readonly do: 'goTo'; readonly position: Position | 'now' }
  /** Steps forward by so many steps, or back. */
  | { readonly do: 'walk'; readonly by: number }
  /** Lets time pass; 0 stops it. 1 is as it was, 10 ten times as fast. */
  | { readonly do: 'play'; readonly speed: number }
  /** Goes to the next such step, or back to the one before. */
  | { readonly do: 'seek'; readonly what: Sought; readonly back: boolean }
  /** Answered once, by `ref`. */
  | { readonly do: 'ask'; readonly ref: number; readonly question: Question }
export type Sought = 'refused' | 'broken' | 'lost' | 'gap'

/** What is asked once. What changes the cluster goes over the bus in the name of the page's server. */
export type Question =
  | { readonly about: 'step'; readonly position: Position }
  | {
      readonly about: 'why'
      readonly frameworkId: string
      readonly role?: string
      /** In the words of the command line: `cpus:4;mem:8000`, `zone:a|b`. */
      readonly resources?: string
      readonly attributes?: string
      readonly after?: string
    }
  | { readonly about: 'whyTask'; readonly frameworkId: string; readonly taskId: string }
  | {
      readonly about: 'log'
      readonly task: string
      readonly stream: 'stdout' | 'stderr'
      readonly offset: number
    }
  | { readonly about: 'kill'; readonly task: string; readonly graceSeconds?: number }
  | { readonly about: 'drain'; readonly slave: string; readonly withinSeconds: number }
  | { readonly about: 'reactivate'; readonly slave: string }

export interface Answers {
  step: StepShown
  why: {
    readonly counts: Readonly<Record<string, number>>
    readonly rows: readonly ExplainRow[]
    readonly policyFlaw?: string
    readonly next?: string
  }
  whyTask: { readonly why: readonly string[] }
  /** `text`: from `offset` on; `next`: where to go on reading; `size`: bytes in all, so that the end can be read first. */
  log: {
    readonly text: string
    readonly offset: number
    readonly next: number
    readonly size: number
    readonly over: boolean
  }
  kill: object
  drain: { readonly tasks: number }
  reactivate: object
}

/** What the server says. */
export type Heard =
  | { readonly hello: Hello }
  | { readonly clock: Clock }
  | {
      [Name in PictureName]: {
        readonly slot: string
        readonly picture: Name
        readonly shows: Pictures[Name]['shows']
      }
    }[PictureName]
  /** Why a picture cannot be drawn, as a sentence. */
  | { readonly slot: string; readonly sorry: string }
  | { readonly ref: number; readonly answer: Answers[keyof Answers] }
  | { readonly ref: number; readonly sorry: string; readonly code: string }
  /** What the page has said made no sense. */
  | { readonly sorry: string }

/** Said first. */
export interface Hello {
  readonly version: string
  readonly cluster: string
  /** A cluster that lives, or what was recorded of one. */
  readonly source:
    | { readonly live: true; readonly where: string }
    | { readonly live: false; readonly name: string }
  /** In whose name kills and drains would be asked for; absent: they cannot be. */
  readonly user?: string
}

/** Where the page stands, and what there is. Said whenever it has changed. */
export interface Clock {
  /** The step up to which pictures are drawn, itself included; -1 before the first. */
  readonly position: Position
  /** Its time, ms since 1970 by the clock of whoever made the step. */
  readonly at: number
  /** Follows what happens. */
  readonly now: boolean
  /** 0: time stands. */
  readonly speed: number
  /** The steps that can be gone to, and their times. */
  readonly first: Position
  readonly last: Position
  readonly from: number
  readonly to: number
  /** Steps that were told in the last second. */
  readonly perSecond: number
  /** More happens than can be shown step by step: pictures come more seldom, and flashes are left out. */
  readonly hurried: boolean
  /** A recording that is still being read: how much of it is, 0..1. */
  readonly read?: number
  /** Steps that are known to be missing so far. */
  readonly missed: number
  readonly refused: number
  /** Promises that were broken, in the words of whoever found out. */
  readonly broken: readonly { readonly position: Position; readonly message: string }[]
  /** What is wrong with the source, as a sentence: the bus is away, nothing may be read, the file is cut off. */
  readonly trouble?: string
}

/** The largest fraction of any one resource, 0..1. */
type Share = number

export interface Summary {
  readonly leader?: string
  readonly epoch?: number
  readonly policy?: string
  /** By state. */
  readonly slaves: Counts
  readonly frameworks: Counts
  readonly offers: Counts
  readonly tasks: Counts
  readonly total: Amounts
  readonly booked: Amounts
  readonly offered: Amounts
}
export type Counts = Readonly<Record<string, number>>
export interface Amounts {
  readonly cpus: number
  readonly memMb: number
  readonly diskMb: number
  readonly gpus: number
}

export interface ClusterAsked {
  /** Only slaves whose name has this in it. */
  readonly search?: string
  /** The names that the page has already: see `roster`. */
  readonly knows?: number
}
/** Slaves as a grid. Of up to `detailed` of them it says who holds how much; of more, one colour each. */
export interface ClusterPicture {
  /** Changes with the slaves that there are; `names` is absent when the page said that it knows this one. */
  readonly roster: number
  readonly names?: readonly { readonly slaveId: string; readonly name: string }[]
  /** Frameworks by the numbers that cells call them by. */
  readonly owners: readonly Owner[]
  /** 4 bytes for each slave, base64: state (in `slaveStates`), who holds most of it (255: nobody), booked, offered of 255. */
  readonly cells: string
  /** For each slave, who holds which fraction: absent where there are too many slaves. */
  readonly parts?: readonly (readonly Part[])[]
  readonly frameworks: readonly FrameworkShown[]
}
export const slaveStates = [
  'registering',
  'active',
  'disconnected',
  'unreachable',
  'draining',
  'drained',
  'gone',
] as const
export interface Owner {
  readonly frameworkId: string
  readonly name: string
}
/** Of a slave's largest part of any one resource, 0..1. */
export interface Part {
  readonly owner: number
  readonly fraction: number
  readonly as: 'booked' | 'offered' | 'revocable'
}
export interface FrameworkShown extends Owner {
  readonly state: string
  readonly owner: number
  readonly roles: readonly string[]
  readonly share: Share
  /** By its roles' weights and guarantees, as the leader last said; absent in recordings. */
  readonly fair?: Share
  readonly guaranteed?: Share
  readonly tasks: number
  readonly offers: number
}

export interface SharesAsked {
  /** ms before the moment that is shown; 60,000 where absent. */
  readonly spanMs?: number
  readonly buckets?: number
}
/** Shares over time: `series[i].shares[j]` is the share of `owners` i at `times[j]`. */
export interface SharesPicture {
  readonly times: readonly number[]
  readonly series: readonly (Owner & {
    readonly owner: number
    readonly shares: readonly Share[]
    readonly fair?: Share
    readonly guaranteed?: Share
  })[]
}

export interface ThingsAsked {
  readonly search: string
  readonly limit?: number
}
/** Whatever has a name that was looked for. */
export interface ThingsPicture {
  readonly things: readonly Thing[]
  /** How many more there are. */
  readonly more: number
}
export interface Thing {
  readonly kind: 'actor' | Living
  /** For an actor its role, a space, its id; for anything else its id. */
  readonly key: string
  readonly name: string
  readonly state: string
}

export interface ActorAsked {
  readonly role: string
  readonly id: string
  /** Lines of its history, the newest first. */
  readonly limit?: number
}
export interface ActorPicture {
  /** By the name of its chart: `master`, `slave`, `scheduler`, `executor`. */
  readonly chart: string
  readonly state: string
  /** The newest first. */
  readonly history: readonly StepLine[]
  /** Steps of it so far. */
  readonly steps: number
}
/** A step on one line. */
export interface StepLine {
  readonly position: Position
  readonly at: number
  readonly heard: string
  /** From whom, where it was a message: `slave n1`. */
  readonly from?: string
  readonly before: string
  readonly after: string
  readonly refused: boolean
  /** What it asked of the world, each in a few words. */
  readonly effects: readonly string[]
  /** Steps of this actor that are missing just before this one. */
  readonly missed?: number
}

export interface LifeAsked {
  readonly life: Living
  readonly id: string
}
export interface LifePicture {
  readonly name: string
  readonly state: string
  readonly history: readonly LifeLine[]
  readonly about: Readonly<Record<string, string>>
}
/** One move, as one actor has seen it. The leader's word counts for `state`. */
export interface LifeLine {
  readonly position: Position
  readonly at: number
  /** `master m1`. */
  readonly by: string
  readonly fact: string
  readonly before: string
  readonly after: string
}

/** A chart with how many stand in each state, and how many took each way lately. */
export interface TrafficAsked {
  readonly chart: string
  readonly spanMs?: number
}
export interface TrafficPicture {
  readonly states: Counts
  readonly ways: readonly {
    readonly from: string
    readonly to: string
    readonly by: string
    readonly count: number
    /** The last that took it, ms. */
    readonly lastAt: number
  }[]
  /** Of those, what was refused, by state. */
  readonly refused: Counts
}

export interface ConversationAsked {
  readonly frameworkId?: string
  /** A task by its key: its framework's id, a space, its own id. */
  readonly task?: string
  readonly offerId?: string
  readonly slaveId?: string
  /** Those of these types alone; absent: all but what comes all the time. */
  readonly types?: readonly string[]
  readonly limit?: number
}
export interface ConversationPicture {
  /** Who takes part, in the order of their columns. */
  readonly lanes: readonly { readonly key: string; readonly role: string; readonly name: string }[]
  /** By when they were said, the oldest first, up to the moment that is shown. */
  readonly messages: readonly MessageShown[]
  /** Of one task: its way, from offer to acknowledgement. */
  readonly hops?: readonly Hop[]
  /** Older ones that are not shown. */
  readonly more: number
}
export interface MessageShown {
  readonly type: string
  readonly from: string
  readonly to: string
  /** The step that said it; absent: whoever said it is not traced. */
  readonly saidIn?: Position
  readonly saidAt: number
  /** The step that heard it; absent: nobody has, yet or for good. */
  readonly heardIn?: Position
  readonly heardAt?: number
  readonly lost: boolean
  /** What it is about, in a few words. */
  readonly about: string
  /** Of an ask: how it was answered, where that is known. */
  readonly answer?: 'yes' | 'no'
}
export interface Hop {
  readonly what: string
  readonly who: string
  readonly position: Position
  readonly at: number
  /** Since the hop before, ms. */
  readonly tookMs: number
}

export interface TimelineAsked {
  /** ms before the moment that is shown; 60,000 where absent. */
  readonly spanMs?: number
  /** The first slave that is shown, and how many. */
  readonly skip?: number
  readonly limit?: number
  readonly search?: string
}
export interface TimelinePicture {
  readonly from: number
  readonly to: number
  readonly owners: readonly Owner[]
  readonly slaves: readonly {
    readonly slaveId: string
    readonly name: string
    readonly state: string
    readonly bars: readonly Bar[]
    /** Bars that are left out, because there are too many. */
    readonly more: number
  }[]
  readonly slavesInAll: number
}
/** A task on a slave. `phases` are its states in turn, each until the next. */
export interface Bar {
  readonly task: string
  readonly name: string
  readonly owner: number
  /** Rows within its slave, so that no two bars lie over each other. */
  readonly row: number
  readonly phases: readonly { readonly state: string; readonly at: number }[]
  /** When it was over. */
  readonly endedAt?: number
}

export interface TaskAsked {
  readonly task: string
}
export interface TaskPicture {
  readonly task: string
  readonly frameworkId: string
  readonly framework: string
  readonly taskId: string
  readonly name?: string
  readonly slaveId?: string
  readonly slave?: string
  readonly role?: string
  readonly state: string
  readonly over: boolean
  readonly resources?: Resources
  readonly revocable: boolean
  /** Its command, container or executor, as a person would write it. */
  readonly command?: string
  readonly reason?: string
  readonly message?: string
  readonly exitCode?: number
  readonly life: readonly LifeLine[]
}

/** All of one step. Bytes are shown as words, and what is very long is cut. */
export interface StepShown {
  readonly position: Position
  readonly step: Step
  /** The step whose message this one heard, where that is known; and those that heard what this one said. */
  readonly causedBy?: Position
  readonly causes: readonly {
    readonly effect: number
    readonly positions: readonly Position[]
    readonly lost: boolean
  }[]
}
