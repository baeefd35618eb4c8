/** What a task is, and what can become of it. */
import Type from 'typebox'
import type { ExecutorId, FrameworkId, SlaveId, TaskId } from './ids.ts'
import { ByName, Resources } from './resources.ts'

export const maxNameLength = 255
export const maxMessageLength = 4096
const maxArguments = 4096
const maxArgumentLength = 128 * 1024

export const TaskIdText = Type.Unsafe<TaskId>(
  Type.String({
    minLength: 1,
    maxLength: maxNameLength,
    description: "the author's own id of a task",
    examples: ['t1'],
  }),
)
export const named = (description: string, example: string) =>
  Type.String({ minLength: 1, maxLength: maxNameLength, description, examples: [example] })
export const Name = named('a name', 'batch')
/** A path in the tree of roles; what it may look like `flawOfRole` says. */
export const RoleName = named('a role, whose share is drawn on', 'eng/ads')
export const VolumeIdText = named(
  'a persistent volume, named by whoever made it, unique on its slave',
  'db-1',
)
export const ExecutorName = named("the author's name of an executor", 'mapper')
export const FrameworkIdText = Type.Unsafe<FrameworkId>(
  Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'the framework, as the leader named it',
    examples: ['7-F1'],
  }),
)
export const SlaveIdText = Type.Unsafe<SlaveId>(
  Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'the slave, as the leader named it',
    examples: ['7-S1'],
  }),
)
export const ExecutorIdText = Type.Unsafe<ExecutorId>(
  Type.String({
    minLength: 1,
    maxLength: 320,
    description: '`command`, or the id of its framework and its name',
    examples: ['command'],
  }),
)
/** A span of time in seconds; a year is the most that anybody may ask for. */
export const Seconds = (description: string, example = 5) =>
  Type.Number({
    minimum: 0,
    maximum: 365 * 24 * 3600,
    description: `${description}, seconds`,
    examples: [example],
  })

/** Opaque bytes; what they mean is between a scheduler and its executor. */
export const Bytes = (description: string) =>
  Type.Refine(
    Type.Unsafe<Uint8Array>({ description }),
    (value) => value instanceof Uint8Array,
    () => 'must be bytes',
  )

const Argument = Type.String({ maxLength: maxArgumentLength, pattern: '^[^\\u0000]*$' })

export const Command = Type.Object(
  {
    argv: Type.Optional(
      Type.Array(Argument, {
        minItems: 1,
        maxItems: maxArguments,
        description: 'program and arguments',
        examples: [['echo', 'hello']],
      }),
    ),
    shell: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: maxArgumentLength,
        pattern: '^[^\\u0000]*$',
        description: 'a line for /bin/sh -c, instead of argv',
        examples: ['echo hello'],
      }),
    ),
    env: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Argument, {
        additionalProperties: false,
        description: 'environment, beside what the slave sets',
        examples: [{ LANG: 'C' }],
      }),
    ),
  },
  {
    description: 'What to run: either argv or shell.',
    examples: [{ argv: ['echo', 'hello'] }, { shell: 'echo $HOME', env: { LANG: 'C' } }],
  },
)
export type Command = Type.Static<typeof Command>

export const Container = Type.Object(
  {
    image: Type.String({
      minLength: 1,
      maxLength: 512,
      description: 'image reference; pulled when missing',
      examples: ['busybox'],
    }),
    network: Type.Optional(
      Type.Union([Type.Literal('none'), Type.Literal('host'), Type.Literal('bridge')], {
        description: "how it reaches the network; the slave's setting when absent",
        examples: ['none'],
      }),
    ),
  },
  { description: 'The container to run the command in; only slaves with Docker isolation take it.' },
)
export type Container = Type.Static<typeof Container>

export const ExecutorSpec = Type.Object(
  {
    name: ExecutorName,
    command: Command,
    resources: Resources,
    container: Type.Optional(Container),
    idleSeconds: Type.Optional(Seconds('an executor without tasks is shut down after', 60)),
    role: Type.Optional(RoleName),
  },
  {
    description:
      'A process of the framework that runs its tasks: one for each name and slave, started with its first task. Its resources are taken from the offer that starts it.',
    examples: [
      {
        name: 'mapper',
        command: { argv: ['./mapper'] },
        resources: { cpuMilli: 100, memMb: 32, diskMb: 0, gpus: 0 },
      },
    ],
  },
)
export type ExecutorSpec = Type.Static<typeof ExecutorSpec>

export const Labels = ByName(128, Type.String({ maxLength: 1024 }), {
  description: 'free text by name',
  examples: [{ tier: 'web' }],
})

export const Mount = Type.Object(
  {
    volumeId: VolumeIdText,
    path: Type.String({
      pattern: '^[A-Za-z0-9_][A-Za-z0-9_./-]{0,254}$',
      description: 'where the task finds it: below its working directory; in a container below `/`',
      examples: ['data'],
    }),
  },
  { description: 'A persistent volume as a task sees it.' },
)
export type Mount = Type.Static<typeof Mount>

export const Task = Type.Object(
  {
    taskId: TaskIdText,
    name: Type.Optional(named('for people', 'greeting')),
    resources: Resources,
    command: Type.Optional(Command),
    container: Type.Optional(Container),
    executor: Type.Optional(ExecutorSpec),
    payload: Type.Optional(Bytes('handed to a custom executor as it is')),
    killGraceSeconds: Type.Optional(Seconds('between SIGTERM and SIGKILL when it is killed')),
    labels: Type.Optional(Labels),
    maxSeconds: Type.Optional(Seconds('it is killed when it has run for', 60)),
    volumes: Type.Optional(
      Type.Array(Mount, {
        maxItems: 16,
        description: 'persistent volumes of the offer, and where it finds them',
      }),
    ),
    role: Type.Optional(RoleName),
    revocable: Type.Optional(
      Type.Boolean({
        description: 'said by the leader: it runs on what was offered as revocable, and is the first to go',
        examples: [true],
      }),
    ),
  },
  {
    description: 'One task: a command (with or without a container), or work for a custom executor.',
    examples: [
      {
        taskId: 't1',
        resources: { cpuMilli: 500, memMb: 64, diskMb: 0, gpus: 0 },
        command: { argv: ['echo', 'hello'] },
        killGraceSeconds: 5,
        labels: { tier: 'web' },
      },
      {
        taskId: 't2',
        resources: { cpuMilli: 500, memMb: 64, diskMb: 0, gpus: 0 },
        command: { shell: 'sleep 60' },
        container: { image: 'busybox', network: 'none' },
      },
      {
        taskId: 't3',
        resources: { cpuMilli: 500, memMb: 64, diskMb: 0, gpus: 0 },
        executor: {
          name: 'mapper',
          command: { argv: ['./mapper'] },
          resources: { cpuMilli: 100, memMb: 32, diskMb: 0, gpus: 0 },
        },
      },
    ],
  },
)
export type Task = Type.Static<typeof Task>

/** The states of a task, and what each means. */
export const stateMeanings = {
  staging: 'It was accepted and is on its way to its slave.',
  starting: 'Its slave has it and is starting it.',
  running: 'It runs.',
  killing: 'It was asked to stop and has not ended yet.',
  finished: 'It ended by itself, with code 0.',
  failed: 'It ended otherwise than it should have.',
  killed: 'It ended because somebody had it killed.',
  error: 'It cannot be run as it is written: do not launch it again unchanged.',
  dropped: 'It was never started, and never will be.',
  unreachable: 'Its slave cannot be reached: it may be running yet, and may come back.',
  lost: 'Its slave did not come back: it is given up.',
} as const satisfies Record<string, string>
export type TaskState = keyof typeof stateMeanings
export const taskStates = Object.keys(stateMeanings) as TaskState[]
const terminal: ReadonlySet<TaskState> = new Set(['finished', 'failed', 'killed', 'error', 'dropped', 'lost'])
/** Whether nothing more can become of a task in this state. */
export const isTerminal = (state: TaskState): boolean => terminal.has(state)

/** Why a task is in the state that it is in. */
export const reasonMeanings = {
  'exit-code': 'It ended by itself with a code other than 0.',
  signal: 'A signal that we did not send ended it.',
  'memory-limit': 'It wanted more memory than its task has.',
  'kill-requested': 'Its framework, or an operator, had it killed.',
  'command-not-found': 'There is no such program on the slave, or in the image.',
  'image-not-found': 'There is no such image, or it may not be pulled.',
  'isolation-failed': 'The engine, or the operating system, refused to start it.',
  'bad-task': 'It cannot run on this slave as it is written.',
  'executor-lost': 'Its executor ended before it did.',
  'executor-said': "It is its executor's own word.",
  'offer-gone': 'The offer was no longer valid when it was accepted: no failure of the task.',
  refused: 'The leader, or the slave, refused it as it is written.',
  'launch-lost': 'The launch never reached the slave.',
  'framework-gone': 'Its framework was torn down, or stayed away for too long.',
  'slave-unreachable': 'Its slave is not heard any more, or is heard again.',
  'slave-gone': 'Its slave was given up.',
  'slave-stopped': 'The slave was told to stop, tasks included.',
  'slave-drained': 'Its slave was to be empty by then.',
  revoked: 'Others were owed what it held.',
  'too-long': 'It ran for longer than it may.',
  'volume-missing': 'A volume that it needs is not on its slave.',
  'disk-failed': 'The slave could not have remembered it.',
} as const satisfies Record<string, string>
export type Reason = keyof typeof reasonMeanings
export const reasons = Object.keys(reasonMeanings) as Reason[]

export const oneOf = <Word extends string>(words: readonly Word[], description: string, example: Word) =>
  Type.Unsafe<Word>(Type.Enum([...words], { description, examples: [example] }))

export const ReasonText = oneOf(reasons, 'why it is in this state', 'exit-code')
export const TaskStateText = oneOf(taskStates, 'the state of the task', 'running')

export const Status = Type.Object(
  {
    frameworkId: FrameworkIdText,
    taskId: TaskIdText,
    slaveId: SlaveIdText,
    state: TaskStateText,
    seq: Type.Integer({
      minimum: 0,
      description:
        "which update of this task it is, counted from 1; 0: the leader's own word, which wants no acknowledgement",
      examples: [1],
    }),
    acked: Type.Integer({
      minimum: 0,
      description: 'the highest seq that was acknowledged when this was spoken',
      examples: [0],
    }),
    at: Type.Number({
      description: 'when it happened, ms since 1970 by the clock of the machine where it did',
      examples: [1789000000000],
    }),
    reason: Type.Optional(ReasonText),
    message: Type.Optional(
      Type.String({
        maxLength: maxMessageLength,
        description: 'the reason in words',
        examples: ['it ended with code 1'],
      }),
    ),
    exitCode: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 255, description: 'what it exited with', examples: [1] }),
    ),
    signal: Type.Optional(
      Type.String({ maxLength: 16, description: 'the signal that ended it', examples: ['SIGKILL'] }),
    ),
    payload: Type.Optional(Bytes("an executor's own words")),
  },
  {
    description: 'What became of a task.',
    examples: [
      {
        frameworkId: '7-F1',
        taskId: 't1',
        slaveId: '7-S1',
        state: 'failed',
        seq: 2,
        acked: 1,
        at: 1789000000000,
        reason: 'exit-code',
        message: 'it ended with code 1',
        exitCode: 1,
      },
    ],
  },
)
export type Status = Type.Static<typeof Status>
