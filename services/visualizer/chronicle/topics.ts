/** What a message is about: the frameworks, slaves, offers and tasks that it names. */
import { taskKey } from '../../../shared/ids.ts'

/** How deep a message names things; and of how many, in one message. */
const deepest = 4
const mostTopics = 2000

export type Topics = ReadonlySet<string>

/** Each as `kind id`. A task is named by its framework, too: by the nearest one, or by whoever speaks or hears. */
export function topicsOf(body: unknown, frameworkId?: string): Topics {
  const topics = new Set<string>()
  if (frameworkId !== undefined) topics.add(`framework ${frameworkId}`)
  gather(body, frameworkId, topics, 0)
  return topics
}

function gather(value: unknown, framework: string | undefined, topics: Set<string>, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > deepest || topics.size > mostTopics) return
  if (value instanceof Uint8Array) return
  if (Array.isArray(value)) {
    for (const item of value) gather(item, framework, topics, depth + 1)
    return
  }
  const fields = value as Record<string, unknown>
  const own = named(fields.frameworkId) ?? framework
  if (own !== undefined) topics.add(`framework ${own}`)
  for (const [field, inner] of Object.entries(fields)) {
    if (field === 'slaveId' && named(inner)) topics.add(`slave ${inner}`)
    else if (field === 'offerId' && named(inner)) topics.add(`offer ${inner}`)
    else if (field === 'taskId' && named(inner) && own)
      topics.add(`task ${taskKey(own as never, inner as never)}`)
    else if (field === 'offerIds' && Array.isArray(inner)) for (const id of inner) topics.add(`offer ${id}`)
    else if (field === 'taskIds' && Array.isArray(inner) && own)
      for (const id of inner) topics.add(`task ${taskKey(own as never, id as never)}`)
    else gather(inner, own, topics, depth + 1)
  }
}

const named = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
