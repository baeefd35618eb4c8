/** What `proffer run` was asked for. */
import type { AttributeRules } from '../../../shared/attributes.ts'
import type { Taken } from '../../../shared/messages.ts'
import type { Resources } from '../../../shared/resources.ts'
import type { TaskRequest } from '../../scheduler/index.ts'

export interface JobPlan {
  readonly name: string
  /** Whose share it draws on. */
  readonly role: string
  readonly instances: number
  /** How often one instance is launched again when its task was lost, or never started. */
  readonly retries: number
  /** What one instance needs, but for its ports. */
  readonly asked: Resources
  /** The same with everything else, as a framework's author writes it. */
  readonly request: Omit<TaskRequest, 'id'>
  /** What slaves must be like. */
  readonly attributes: AttributeRules
  /** What it can make use of beside ordinary offers. */
  readonly takes: readonly Taken[]
}

/** `greet`, or `greet-3` for one of several; a later launch of the same instance is `greet-3.2`. */
export function taskIdOf({ name, instances }: JobPlan, instance: number, launch: number): string {
  const id = instances === 1 ? name : `${name}-${instance}`
  return launch === 1 ? id : `${id}.${launch}`
}
