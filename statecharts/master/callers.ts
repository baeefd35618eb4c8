/** Who speaks, and may he? The first question of every decision that a framework asks for. */
import type { RefusalCode } from '../../shared/errors.ts'
import type { FrameworkId } from '../../shared/ids.ts'
import type { MessageType } from '../../shared/messages.ts'
import { type Effect, type Heard, type ReplyTo, refuse } from '../decision.ts'
import type { Framework, Master } from './ledger.ts'

/** The framework in whose name somebody speaks, if it is his; else the refusal. */
export function callerOf<T extends MessageType>(
  master: Master,
  heard: Heard<T> & { readonly body: { readonly frameworkId: FrameworkId } },
): Framework | Effect[] {
  const { frameworkId } = heard.body
  if (master.completedFrameworks.has(frameworkId)) return deny(master, heard, 'framework-completed')
  const framework = master.frameworks.get(frameworkId)
  if (!framework) return deny(master, heard, 'framework-unknown', `framework ${frameworkId}`)
  if (framework.principal !== heard.from.id) return deny(master, heard, 'framework-foreign')
  return framework.state === 'completed' ? deny(master, heard, 'framework-completed') : framework
}

/** A refusal that is counted, so that operators see what strangers get wrong. */
export function deny(
  master: Master,
  heard: { readonly type: string; readonly reply?: ReplyTo },
  code: RefusalCode,
  detail?: string,
): Effect[] {
  master.refused.set(code, (master.refused.get(code) ?? 0) + 1)
  return refuse(heard, code, detail)
}
