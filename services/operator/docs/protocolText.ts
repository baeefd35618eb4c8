/** The words of the protocol reference: what no table can say. Names, subjects and numbers in it come from the code. */
import { schedulerSettings, slaveSettings } from '../../../shared/config.ts'
import { hash, withItem } from '../../../shared/digest.ts'
import { masterSettings } from '../../../shared/masterSettings.ts'
import { maxListed, maxRoles, obstacleMeanings } from '../../../shared/messages.ts'
import { maxRoleDepth, maxRolePartLength } from '../../../shared/roles.ts'
import { token } from '../../../shared/subjects.ts'
import { isTerminal, taskStates } from '../../../shared/tasks.ts'
import { markdownTable } from '../../../statecharts/tables.ts'
import { listening, spoken } from './placeholders.ts'

export const introduction = (): string => `# The protocol

<!-- Written by \`npm run docs\` out of shared/messages.ts and its neighbours: change those, not this. -->

Everything that the roles of a cluster say to one another, in enough detail to write a framework in any language.
You need a NATS client (publish, subscribe, request; nothing of JetStream) and a msgpack library.

The roles: the leading **master** holds the books and offers resources; a framework's **scheduler** accepts or
declines them; a **slave** runs tasks on its machine; an **executor** runs them within a slave; an **operator** looks
on, kills and tears down. Other masters stand by; only the one that leads listens.

- [Subjects](#subjects), [payloads](#payloads), [say and ask](#say-and-ask), [epochs](#epochs)
- [The life of a framework](#the-life-of-a-framework)
- [Messages](#messages), [shapes](#shapes)
- [Task states](#task-states), [reasons](#reasons), [refusals](#refusals)

## Subjects

A subject names first who hears, then, where that is not plain, who speaks, and last the two words of the message:

${markdownTable(
  ['who listens', 'subscribes to'],
  (['master', 'scheduler', 'slave', 'executor', 'all'] as const).map((role) => [
    role === 'all' ? 'each of them' : role,
    listening(role)
      .map((subject) => `\`${subject}\``)
      .join(', '),
  ]),
)}
\`${spoken('offer.accept', 'scheduler', 'master')}\`, for example, is where a scheduler says \`offer.accept\` to the
leader. So permissions on subjects alone can pin who speaks as whom: grant a NATS user its own \`<principal>\`.

\`<principal>\` is in whose name a framework speaks. The leader lets a framework be steered only by the principal that
subscribed it. Where NATS permissions do not prescribe one, take any name and keep it.

**Every name becomes one token.** Of its UTF-8 bytes the letters \`A-Z a-z\`, the digits, \`_\` and \`-\` stay as they
are; each other byte becomes \`=\` and two upper-case hexadecimal digits. ${tokenExamples()} No name is empty. Ids that
somebody gave you go through the same rule. NATS advises subjects of less than 256 characters, and a longer one is
not said: keep names short.

## Payloads

A payload is one msgpack map and nothing behind it; its keys are text. Field by field:

- An optional field that is not there is left out: nil is refused.
- A field that you do not know is to be left out of account, and so are yours by others.
- An integer may be written in any of msgpack's forms, a whole float included. NaN and infinities are refused.
- Bytes are msgpack's bin; text is its str, in UTF-8. No extension types.
- A list holds at the most ${maxListed} items where its bounds say nothing else, and a message must fit into NATS's
  \`max_payload\` (1 MB unless the server says otherwise): say a long list in several messages.

Quantities of resources are whole numbers of their smallest unit, such as thousandths of a CPU: they are added and
compared exactly.

## Say and ask

What is **said** is published, and may be lost. Nobody answers, also not with a refusal; what matters is therefore
said again until it is acknowledged, or found by comparing books.

What is **asked** is a NATS request. The answer is a map too: \`{ ok: true, ... }\` with the fields listed below, or
\`{ ok: false, code, message }\`, a [refusal](#refusals), and then nothing was changed. Two more things can come of it:

- _No responders_, told at once by NATS: nobody leads at the moment. Nothing was done; ask again after half a second.
- _No answer_ within your time-out (we take ${schedulerSettings.askTimeoutSeconds.fallback} s): it was done or not. Everything may be asked twice
  but \`offer.accept\`; after that one, [reconcile](#6-reconcile).

## Epochs

Each reign of a leader has an epoch, a growing integer. What a leader says carries it as \`epoch\`. Remember the highest
one that you have heard, in an answer to \`framework.subscribe\` or in anything that was said to you, and drop what
comes with a lower one: that leader has been succeeded and does not know it yet. \`status.update\` alone carries none,
because slaves say it.

`

const terminalStates = () =>
  taskStates
    .filter(isTerminal)
    .map((state) => `\`${state}\``)
    .join(', ')

const tokenExamples = () =>
  ['web 1.0', 'größe']
    .map((name) => `\`${name}\` is \`${token(name)}\``)
    .join(', ')
    .concat('.')

const hearing = [
  [
    '`seq` is 0',
    "It is the leader's own word, where no slave can speak: take it in. It wants no acknowledgement.",
  ],
  ['`seq` is the last one + 1', 'Take it in, and acknowledge it.'],
  [
    '`seq` is the last one, or less',
    'You had it, and the acknowledgement was lost: acknowledge it again, and that is all.',
  ],
  [
    '`seq` is higher',
    'One before it is still to come: neither take it in nor acknowledge it. The slave says all of it again.',
  ],
  [
    'its `slaveId` is not where the task runs',
    'It tells of an earlier run: acknowledge it, and that is all.',
  ],
]

const wishing = [
  ['`offers.suppress`', 'no more is offered; offers that you hold are rescinded.'],
  ['`offers.revive`', 'offers are made again. What you refused you refuse yet.'],
  ['`refusals.clear`', 'what you refused may be offered again.'],
  ['`filters.set`', 'only such slaves are offered from now on; an empty one lets all pass.'],
]

const kindsOfOffers = [
  [
    '`maxSeconds`',
    '`short`: kept for short tasks',
    'every task is killed after so long, with reason `too-long`. A task that declares a longer `maxSeconds` is refused.',
  ],
  [
    '`revocable`',
    '`revocable`: owed to others, who do not want it at the moment',
    'every task may be killed as soon as they do, and is so before any other, with reason `revoked`.',
  ],
]

const obstacles = () =>
  Object.entries(obstacleMeanings).map(([obstacle, meaning]) => [`\`${obstacle}\``, meaning])

export const lifeOfAFramework = (): string => `## The life of a framework

### 1. Subscribe

Choose an \`instance\`: random text, new for each process. Subscribe to \`${spoken('master.elected', 'master', 'all').replace('master.elected', '>')}\`, then ask
\`framework.subscribe\`, without \`frameworkId\` the first time. Ask again until a leader answers: the same instance gets
the same framework again. Keep the \`frameworkId\` of the answer where your next process finds it: with it, it comes
back to the tasks of this one. A newer instance supersedes an older.

Name the \`roles\` whose shares you draw on, each once, and at the most ${maxRoles}; your own name is a good one where nobody
has told you another. A role is a path in a tree, such as \`eng/ads\`: up to ${maxRoleDepth} parts of up to ${maxRolePartLength} letters, digits, \`-\` and
\`_\`, none beginning with \`-\`. Say for each whether you want offers in it now, and which ([filters](#3-offers)). In \`takes\`
name the kinds of offers that you can make use of beside ordinary ones.

### 2. Listen, then beat

Subscribe to \`${listening('scheduler')}\`, flush, and **beat at once**: ask
\`framework.beat\`. The first beat is what makes the framework active, because it shows that you listen; before it
nothing is offered. Then beat every \`beatSeconds\` of the answer. Whoever is not heard for
${masterSettings.frameworkTimeoutSeconds.fallback} s is away: its offers are rescinded, its tasks run on for \`failoverSeconds\`, and then they are killed.

The answers to a beat:

- \`framework-unknown\`: the leader does not know you, or has given you up for away. Subscribe again, with your id.
- \`framework-superseded\`, \`framework-completed\`, \`framework-foreign\`: stop. \`framework.refused\` says the same
  unasked; obey it when its \`instance\` is yours, or absent.
- \`suppressed\` names the roles in which the leader believes that you want nothing. Where you wish otherwise, a message was
  lost: ask \`offers.suppress\` or \`offers.revive\` again for those roles.
- \`digest\` is not yours, and was not, by the same two values, at the beat before: a message was lost.
  [Reconcile](#6-reconcile).

**The digest rule.** Both sides keep a sum, modulo 2^32, over the ids of all tasks that were accepted and are not over.
What an id adds is its FNV-1a hash (32 bit), taken over its UTF-16 code units, each as one step, with a zero at the end:

\`\`\`
h = 0x811c9dc5
for each UTF-16 code unit u of the id:  h = ((h xor u) * 0x01000193) mod 2^32
h = (h * 0x01000193) mod 2^32
\`\`\`

${markdownTable(
  ['tasks', 'digest'],
  [
    ['none', '0'],
    ['`t1`', `${hash('t1')}`],
    ['`t1`, `t2`', `${withItem(hash('t1'), hash('t2'))}`],
    ['`größe`', `${hash('größe')}`],
  ],
)}
### 3. Offers

\`offer.make\` brings offers, each of what is free on one slave, for one of your roles. An offer is yours for
\`standsSeconds\`, unless \`offer.rescind\` takes it back. Answer every offer: while you hold it nobody else can have it,
and it counts towards your share.

- \`offer.accept\` names offers of one slave, one role and one kind, and the tasks to run there. Tasks, and executors that
  do not run there yet (those that do are named in \`executors\`), may together take as much as the offers hold. What they
  leave is declined for \`refuseSeconds\`. An accept without tasks declines. A yes says that the tasks are on their way:
  they are \`staging\`. After any refusal none of them is; \`offer-gone\` in particular is no failure of theirs: wait for
  another offer.
- \`offer.decline\` names offers of any slaves. For \`refuseSeconds\` none of these slaves is offered to you in that role,
  unless it has more free than you refused. Refuse for long what you do not need: short refusals starve others. When
  the answer says \`backedOff\`, you have declined again and again, and these refusals last at least so long whatever you
  say; it ends when you launch something. Filters, or suppressing, spare you such offers.

**What you wish** you say for some of your \`roles\`, or, without that field, for all. Four requests, none of which does
what another does:

${markdownTable(['ask', 'and'], wishing)}
New work, then, needs two of them: \`offers.revive\`, and \`refusals.clear\` where you have refused for long what it could
run on. Ask again what nobody answered. A new leader knows no refusals, and the rest from your subscription.

Filters are met when every part of them is: \`slaves\` by name, \`atLeast\` so much free, and each of \`attributes\` as it
must be: equal to a text, or \`{ exists }\`, \`{ oneOf }\`, \`{ pattern }\`, where \`*\` stands for any letters and \`?\` for one.

**Kinds.** Beside ordinary offers there are two kinds, made to those alone who take them:

${markdownTable(['an offer with', 'is', 'on it'], kindsOfOffers)}
Start no executor on either of them, as it would stay: use one that runs there already.

**Reservations and volumes.** An accept may also \`reserve\` some of what is offered for its role, \`unreserve\`, and make or
destroy persistent volumes (\`createVolumes\`, \`destroyVolumes\`) on disk that is reserved for the role; with tasks or
without. It is all or nothing: after a refusal nothing was reserved, made or launched. A yes says that the slave is told
to hold it: should it not, a task that needs a new volume fails with \`volume-missing\`. Reserved resources are offered
to that role alone, and are used like any others. A volume outlives tasks and comes back in offers (\`volumes\`); a task
of that accept, or of a later one, names it in its own \`volumes\` with the path where it finds it. No two tasks have the
same volume at once.

### 4. Status updates

\`status.update\` tells what became of tasks, and is said again until you acknowledge it (after
${slaveSettings.updateRetrySeconds.fallback} s first, then each time after twice as long, at the most ${slaveSettings.updateRetryMaxSeconds.fallback} s). Its \`seq\` counts the updates of one task from 1. Keep
the last seq that you took in for each task, 0 for one that you launched; for a task that you do not know, because
an earlier process launched it, begin with the \`acked\` of the first update that you hear. Then:

${markdownTable(['the update', 'do'], hearing)}
Acknowledge by saying \`status.ack\` on \`${spoken('status.ack', 'scheduler', 'slave')}\`, with the slave's id out of the update: one
message may acknowledge many tasks, and a seq stands for all up to it. Write down first what you must not forget.

A task is over in the states ${terminalStates()}. Then its id may be used again.
From \`unreachable\` a task may come back, in whatever state it has.

### 5. Kill

Ask \`task.kill\`. A yes says that the kill is on its way; the end is told by a status update. Ask again after a change of
leader. \`task-unknown\`: reconcile it.

### 6. Reconcile

Ask \`tasks.reconcile\` after every subscription, after an accept that nobody answered, and when digests differ: once with
the ids that you hold (at the most 1000 in one question), and once with none, page by page (\`next\` as \`after\`), for tasks
that you do not know of. Each status in the answer is the leader's own word (\`seq\` 0). Of what you asked for by id and
is not among the statuses: \`awaited\` names tasks that are over, and whose slave will say how until you acknowledge it;
\`unknown\` names those of which nothing is known, nor will be: give them up for lost. What is named nowhere may be on a
slave that has yet to come back to a new leader: ask again later. Leave tasks out of this whose accept is still
unanswered.

### 7. Another leader

On \`master.elected\`, and whenever your connection was away: the offers that you hold are void. Subscribe again, with
your id, and beat; reconcile. Tasks run on meanwhile, and their updates reach you without a leader.

### 8. Give back

Two messages ask you to give up what you hold, by a time; whatever you do not do by then is done for you.

- \`revocation.notice\`: others are owed what you hold beyond your share. End tasks of that role on that slave, whichever
  you choose, until they have freed \`resources\`, within \`withinSeconds\`. Else those in \`taskIds\` are killed, with reason
  \`revoked\`. None is ever asked of whoever holds no more than its \`guaranteed\` share (\`share.get\`).
- \`slave.draining\`: the slave is to be empty. What you have there after \`withinSeconds\` is killed, with reason
  \`slave-drained\`.

A task that is killed for either reason did nothing wrong: launch it again elsewhere.

### 9. Ask why

\`explain.get\` says, for you and what you would launch, what stands between you and each slave were the next offers made
now: \`counts\` by obstacle, and a row for each slave and role, page by page. A row without an \`obstacle\` is about to be offered.

${markdownTable(['obstacle', 'meaning'], obstacles())}
\`task.explain\` says where a task is and why; \`share.get\` how your roles stand.

### 10. Leave

Just stop, to come back within \`failoverSeconds\`. Or ask \`framework.teardown\`: all that it runs is killed, and its id is
used up.

`
