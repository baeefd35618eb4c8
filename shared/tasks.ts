/** What a task is, and what can become of it. */
import Type from 'typebox'
import type { ExecutorId, FrameworkId, SlaveId, TaskId } from './ids.ts'
import { Resources } from './resources.ts'

export const maxNameLength = 255
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
export const Name = Type.String({ minLength: 1, maxLength: maxNameLength, examples: ['batch'] })
export const FrameworkIdText = Type.Unsafe<FrameworkId>(
  Type.String({ minLength: 1, maxLength: 64, description: 'as the leader gave it', examples: ['7-F1'] }),
)
export const SlaveIdText = Type.Unsafe<SlaveId>(
  Type.String({ minLength: 1, maxLength: 64, description: 'as the leader gave it', examples: ['7-S1'] }),
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
      }),
    ),
    env: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Argument, {
        description: 'environment, beside what the slave sets',
        examples: [{ LANG: 'C' }],
      }),
    ),
  },
  { description: 'What to run: either argv or shell.' },
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
      }),
    ),
  },
  { description: 'The container to run the command in; only slaves with Docker isolation take it.' },
)
export type Container = Type.Static<typeof Container>

export const ExecutorSpec = Type.Object(
  {
    name: Name,
    command: Command,
    resources: Resources,
    container: Type.Optional(Container),
    idleSeconds: Type.Optional(Seconds('an executor without tasks is shut down after', 60)),
  },
  {
    description:
      'A process of the framework that runs its tasks: one for each name and slave, started with its first task.',
  },
)
export type ExecutorSpec = Type.Static<typeof ExecutorSpec>

export const Labels = Type.Record(
  Type.String({ minLength: 1, maxLength: 128 }),
  Type.String({ maxLength: 1024 }),
  {
    description: 'free text by name',
    examples: [{ tier: 'web' }],
  },
)

export const Task = Type.Object(
  {
    taskId: TaskIdText,
    name: Type.Optional(Name),
    resources: Resources,
    command: Type.Optional(Command),
    container: Type.Optional(Container),
    executor: Type.Optional(ExecutorSpec),
    payload: Type.Optional(Bytes('handed to a custom executor as it is')),
    killGraceSeconds: Type.Optional(Seconds('between SIGTERM and SIGKILL when it is killed')),
    labels: Type.Optional(Labels),
  },
  { description: 'One task: a command (with or without a container), or work for a custom executor.' },
)
export type Task = Type.Static<typeof Task>

export const taskStates = [
  'staging',
  'starting',
  'running',
  'killing',
  'finished',
  'failed',
  'killed',
  'error',
  'dropped',
  'unreachable',
  'lost',
] as const
export type TaskState = (typeof taskStates)[number]
const terminal: ReadonlySet<TaskState> = new Set(['finished', 'failed', 'killed', 'error', 'dropped', 'lost'])
/** Whether nothing more can become of a task in this state. */
export const isTerminal = (state: TaskState): boolean => terminal.has(state)

/** Why a task is in the state that it is in. */
export const reasons = [
  'exit-code', // it ended by itself with a code other than 0
  'signal', // a signal that we did not send ended it
  'memory-limit', // it asked for more memory than its task has
  'kill-requested', // its framework, or an operator, had it killed
  'command-not-found',
  'image-not-found',
  'isolation-failed', // the engine, or the operating system, refused to start it
  'bad-task', // it cannot run on this slave as it is written
  'executor-lost', // its executor ended before it did
  'executor-said', // its executor's own word
  'offer-gone', // the offer was no longer valid when it was accepted: no failure of the task
  'refused', // the leader, or the slave, refused it as it is written
  'launch-lost', // the launch never reached the slave
  'framework-gone', // its framework was torn down, or stayed away for too long
  'slave-unreachable',
  'slave-gone',
  'slave-stopped', // the slave was told to stop, tasks included
] as const
export type Reason = (typeof reasons)[number]

const literals = <const Words extends readonly string[]>(words: Words) =>
  Type.Unsafe<Words[number]>(Type.Enum([...words]))

export const TaskStateText = literals(taskStates)

export const Status = Type.Object(
  {
    frameworkId: FrameworkIdText,
    taskId: TaskIdText,
    slaveId: SlaveIdText,
    state: TaskStateText,
    seq: Type.Integer({
      minimum: 0,
      description:
        "the how-manieth update of this task, from 1; 0: the master's own word, which wants no acknowledgement",
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
    reason: Type.Optional(literals(reasons)),
    message: Type.Optional(Type.String({ maxLength: 4096, description: 'the reason in words' })),
    exitCode: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    signal: Type.Optional(Type.String({ maxLength: 16, examples: ['SIGKILL'] })),
    payload: Type.Optional(Bytes("an executor's own words")),
  },
  { description: 'What became of a task.' },
)
export type Status = Type.Static<typeof Status>
