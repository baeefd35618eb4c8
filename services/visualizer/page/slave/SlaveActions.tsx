/** Has a slave emptied, or takes it back into use. */
import { useState } from 'preact/hooks'
import { ask, hello } from '../connection.ts'
import { Action } from '../parts/Action.tsx'
import { counted } from '../parts/words.ts'

interface Props {
  readonly slaveId: string
  readonly name: string
  readonly state: string
}
const leaving = ['draining', 'drained']

export function SlaveActions(slave: Props) {
  return leaving.includes(slave.state) ? <Reactivate {...slave} /> : <Drain {...slave} />
}

function Drain({ slaveId, name, state }: Props) {
  const [within, setWithin] = useState('60')
  const drain = async () => {
    const { tasks } = await ask<'drain'>({ about: 'drain', slave: slaveId, withinSeconds: Number(within) })
    return tasks === 0 ? 'It is empty.' : `${counted(tasks, 'task')} to leave it.`
  }
  return (
    <Action
      name="Drain"
      title={`Drain ${name}?`}
      act={drain}
      whyNot={state === 'gone' ? 'It is gone.' : undefined}
    >
      <p>
        Nothing more of it is offered. Its frameworks may end their tasks by themselves; what runs yet after
        that is killed. It is asked for in the name of {hello.value?.user}.
      </p>
      <label class="question-field">
        Seconds until it must be empty
        <input
          type="number"
          min="0"
          max="86400"
          required
          value={within}
          onInput={(event) => setWithin(event.currentTarget.value)}
        />
      </label>
    </Action>
  )
}

function Reactivate({ slaveId, name }: Props) {
  const reactivate = async () => {
    await ask<'reactivate'>({ about: 'reactivate', slave: slaveId })
    return 'It is offered again.'
  }
  return (
    <Action name="Reactivate" title={`Take ${name} back into use?`} act={reactivate}>
      <p>What is free of it is offered again. It is asked for in the name of {hello.value?.user}.</p>
    </Action>
  )
}
