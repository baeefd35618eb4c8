/** The catalogue of refusals: every code that anybody may answer with, what happened, and what to do. */
export const refusals = {
  'bad-bytes': 'The payload is not one msgpack map.',
  'unknown-type': 'There is no such message for this hearer; the protocol reference lists all of them.',
  'bad-message': 'The message lacks a field, or a field has the wrong shape.',
  'too-large': 'The message is larger than the bus carries; split it.',
  'bad-resources': 'An amount of resources makes no sense.',
  'late-launch': 'The launch came too late, or twice; the leader has settled what became of it.',
  'stale-epoch': 'It comes from a leader who has been succeeded.',
  unheard: 'Whoever was asked is not in a state to hear this; ask again later.',
  'framework-unknown': 'The leader does not know this framework; subscribe (again) first.',
  'framework-foreign': 'That framework belongs to another principal.',
  'framework-completed':
    'That framework was torn down, or stayed away longer than its failover time; subscribe without an id.',
  'framework-superseded': 'A newer instance of this framework has subscribed; this one must stop.',
  'too-many-frameworks': 'The cluster has as many frameworks as its settings allow.',
  'offer-gone':
    'The offer is no longer valid: it was accepted, declined or rescinded, or never was yours. Wait for another; this is no failure of the task.',
  'offer-twice': 'The same offer is named twice in one answer.',
  'offers-of-several-slaves': 'One accept takes offers of one slave only; answer each slave by itself.',
  'over-offer': 'The tasks ask for more than the offers hold.',
  'task-id-in-use': 'A task of this id is not over yet; choose another id.',
  'bad-task': 'The task cannot be run as it is written.',
  'too-many-tasks': 'The message holds more tasks than the settings allow; split it.',
  'task-unknown': 'The leader knows no such task.',
  'executor-unknown': 'The leader knows no such executor.',
  'slave-unknown': 'There is no slave of this name or id; `proffer slaves` lists those that there are.',
  'slave-gone':
    'The slave was declared gone, or given up; its tasks were told lost. It comes back as another one.',
  'slave-superseded': 'Another process goes on as this slave.',
  'framework-ambiguous':
    'Several frameworks have this principal and name; subscribe with the id of the one that is meant.',
  'slave-name-in-use':
    'A slave of this name is not known to be gone: wait a little if it was this one in an earlier life, else give each slave its own --name.',
  'slave-too-small':
    'The slave claims less than what it runs needs; give it back its resources, or let its tasks end first.',
  'offers-of-several-kinds':
    'One accept takes offers of one role and one kind: ordinary, short or revocable; answer each kind by itself.',
  'bad-role': 'The role cannot be called so.',
  'role-unknown': 'The framework is not in that role; it names its roles when it subscribes.',
  'bad-sharing': 'The sharing cannot be set so; nothing was changed.',
  'over-guarantee':
    'The cluster has less than its guarantees add up to; nothing was changed. Guarantee less, add slaves, or force it.',
  'role-cycle': 'A role cannot be moved to where it is, or below itself; nothing was changed.',
  'policy-unknown': 'There is no such policy; the leader was started without it. Nothing was changed.',
  'bad-reservation': 'That does not fit; nothing was changed.',
  'volume-unknown': 'There is no such volume of this role on this slave.',
  'volume-exists': 'A volume of this name is on this slave already.',
  'volume-in-use': 'A task uses the volume; kill it first.',
  'slave-busy': 'Another change of what the slave holds is on its way; ask again in a moment.',
  'slave-silent':
    'The slave did not answer. Whether it has taken the change shows in `proffer slaves` when it is back.',
  'holdings-stale':
    'The slave holds another version than the leader believed, and has changed nothing; it is to report.',
  'disk-failed':
    'The disk of the slave did not take it, and it goes on with what it held before. Mend the disk, and ask again.',
  'page-unknown':
    'This page follows none of this leader: another leads now, or `after` was made up. Read on from the start, without `after`.',
  'too-many-readers': 'As many wait to be told a page as the settings allow; ask again in a moment.',
  'log-gone': 'The log is not there (any more).',
} as const satisfies Record<string, string>

export type RefusalCode = keyof typeof refusals

/** A refusal is an answer: a code for programs, a sentence for people. It changed nothing. */
export interface Refusal {
  readonly ok: false
  readonly code: RefusalCode
  readonly message: string
}

/** `detail` says what is particular to this case; the catalogue's sentence says what to do. */
export const refusal = (code: RefusalCode, detail?: string): Refusal => ({
  ok: false,
  code,
  message: detail ? `${detail}. ${refusals[code]}` : refusals[code],
})
