/** The views by name, in the order of the menu. A view is added here, and nowhere else. */
import type { ComponentType } from 'preact'
import { Charts } from './charts/Charts.tsx'
import { ClusterView } from './cluster/ClusterView.tsx'
import { Conversation } from './conversation/Conversation.tsx'
import { SlaveView } from './slave/SlaveView.tsx'
import { TaskView } from './task/TaskView.tsx'
import { Timeline } from './timeline/Timeline.tsx'
import { WhyView } from './why/WhyView.tsx'

export interface View {
  readonly title: string
  readonly component: ComponentType
  /** Reached by links alone: it is about one thing. */
  readonly hidden?: true
}

export const views: Readonly<Record<string, View>> = {
  cluster: { title: 'Cluster', component: ClusterView },
  charts: { title: 'Charts', component: Charts },
  conversation: { title: 'Conversation', component: Conversation },
  timeline: { title: 'Timeline', component: Timeline },
  why: { title: 'Why not?', component: WhyView },
  task: { title: 'Task', component: TaskView, hidden: true },
  slave: { title: 'Slave', component: SlaveView, hidden: true },
}
