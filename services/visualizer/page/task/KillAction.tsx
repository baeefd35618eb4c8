/** Has a task killed, after a question. */
import { useState } from 'preact/hooks'
import type { TaskPicture } from '../../language.ts'
import { ask, hello } from '../connection.ts'
import { Action } from '../parts/Action.tsx'

export function KillAction({ task }: { readonly task: TaskPicture }) {
  const [grace, setGrace] = useState('')
  const kill = async () => {
    const graceSeconds = grace === '' ? {} : { graceSeconds: Number(grace) }
    await ask<'kill'>({ about: 'kill', task: task.task, ...graceSeconds })
    return 'It was told to stop.'
  }
  return (
    <Action
      name="Kill"
      title={`Kill ${task.name ?? task.taskId}?`}
      act={kill}
      whyNot={task.over ? 'It is over.' : undefined}
    >
      <p>
        It is asked to stop, and ended where it does not. Its framework hears that it was killed, and may
        launch it again. It is asked for in the name of {hello.value?.user}.
      </p>
      <label class="question-field">
        Seconds that it has for stopping
        <input
          type="number"
          min="0"
          max="86400"
          placeholder="its own"
          value={grace}
          onInput={(event) => setGrace(event.currentTarget.value)}
        />
      </label>
    </Action>
  )
}
