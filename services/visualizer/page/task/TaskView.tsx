/** One task: what became of it, what it is, why it is where it is, and what it wrote. */
import type { TaskPicture } from '../../language.ts'
import { useLook } from '../connection.ts'
import { linkToConversation } from '../parts/links.ts'
import { Notice } from '../parts/Notice.tsx'
import { Shown } from '../parts/Shown.tsx'
import { State } from '../parts/State.tsx'
import { Stations } from '../parts/Stations.tsx'
import { place } from '../place.ts'
import { KillAction } from './KillAction.tsx'
import { Log } from './log/Log.tsx'
import { TaskFacts } from './TaskFacts.tsx'
import { WhyTask } from './WhyTask.tsx'
import './task.css'

export function TaskView() {
  const task = place.value.with['id']
  if (!task) return <Notice tone="warn">Which task? Look for its name with the search above.</Notice>
  return <OneTask key={task} task={task} />
}

function OneTask({ task }: { readonly task: string }) {
  const look = useLook('task', 'task', { task })
  return (
    <Shown look={look} what={`task ${task}`}>
      {(picture) => <TaskPage task={picture} />}
    </Shown>
  )
}

function TaskPage({ task }: { readonly task: TaskPicture }) {
  return (
    <>
      <div class="thing-head">
        <h1>{task.name ?? task.taskId}</h1>
        <State state={task.state} />
        <a href={linkToConversation({ task: task.task })}>Its conversation</a>
        <KillAction task={task} />
      </div>
      <div class="task">
        <section class="panel task-life" aria-label="Its life">
          <div class="panel-body">
            {task.life.length > 0 ? (
              <Stations life={task.life} />
            ) : (
              <p class="quiet">Nothing of its life is known.</p>
            )}
          </div>
        </section>
        <div class="task-side">
          <section class="panel panel-body" aria-label="What it is">
            <TaskFacts task={task} />
          </section>
          <WhyTask frameworkId={task.frameworkId} taskId={task.taskId} state={task.state} />
        </div>
        <Log task={task.task} />
      </div>
    </>
  )
}
