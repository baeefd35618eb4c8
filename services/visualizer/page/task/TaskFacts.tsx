/** What is known of a task. */
import { reasonMeanings, stateMeanings } from '../../../../shared/tasks.ts'
import type { TaskPicture } from '../../language.ts'
import { Facts } from '../parts/Facts.tsx'
import { linkToLife, linkToSlave } from '../parts/links.ts'
import { amounts } from '../parts/words.ts'

const stateMeaning = stateMeanings as Readonly<Record<string, string>>
const reasonMeaning = reasonMeanings as Readonly<Record<string, string>>

export function TaskFacts({ task }: { readonly task: TaskPicture }) {
  const { frameworkId, framework, slaveId, slave, reason, resources, command } = task
  return (
    <Facts
      facts={[
        ['Task', <code key="task">{task.taskId}</code>],
        ['State', stateMeaning[task.state] ?? task.state],
        ['Reason', reason && `${reason}: ${reasonMeaning[reason] ?? ''}`],
        ['Message', task.message],
        ['Exit code', task.exitCode?.toString()],
        [
          'Framework',
          <a key="framework" href={linkToLife('framework', frameworkId)}>
            {framework}
          </a>,
        ],
        ['Role', task.role],
        [
          'Slave',
          slaveId && (
            <a key="slave" href={linkToSlave(slaveId)}>
              {slave ?? slaveId}
            </a>
          ),
        ],
        ['Resources', resources && amounts(resources)],
        ['Revocable', task.revocable && 'Others are owed what it runs on: it is the first to go.'],
        ['Command', command && <code class="task-command">{command}</code>],
      ]}
    />
  )
}
