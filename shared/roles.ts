/**
 * Roles: whose share a framework draws on. A role is a path in a tree (`eng/ads/batch`); each part has a weight among
 * its siblings.
 */
import Type from 'typebox'
import { maxQuantity, type Resources } from './resources.ts'

export const maxRoleDepth = 8
export const maxRolePartLength = 64
const part = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/

/** What is wrong with the name of a role; undefined when nothing is. */
export function flawOfRole(role: string): string | undefined {
  const parts = role.split('/')
  if (parts.length > maxRoleDepth)
    return `role "${role}" has ${parts.length} parts, of which ${maxRoleDepth} may be`
  const flawed = parts.find((each) => !part.test(each) || each.length > maxRolePartLength)
  if (flawed === undefined) return undefined
  if (flawed === '') return `role "${role}" has an empty part: write eng/ads, without a / at either end`
  return `role "${role}": a part has 1 to ${maxRolePartLength} letters, digits, - and _, and does not begin with a -, unlike "${flawed.slice(0, maxRolePartLength)}"`
}

/** The role of a framework that names none: its own name, as far as a role may be called so. */
export const roleOf = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9_-]/g, '-')
    .replace(/^-/, '_')
    .slice(0, maxRolePartLength)

/** `eng/ads` above `eng/ads/batch`; undefined above a role at the top. */
export function parentOf(role: string): string | undefined {
  const at = role.lastIndexOf('/')
  return at < 0 ? undefined : role.slice(0, at)
}
/** Whether a role is the other one, or stands below it. */
export const isWithin = (role: string, other: string): boolean =>
  role === other || role.startsWith(`${other}/`)

/** Of a role among its siblings. */
export const weightBounds = { min: 0.001, max: 1000 } as const

const quantity = (unit: string, example: number) =>
  Type.Optional(
    Type.Integer({ minimum: 0, maximum: maxQuantity * 1000, description: unit, examples: [example] }),
  )
/** Amounts of some resources; what is not named is not spoken of. Ports cannot be shared out. */
export const Quota = (description: string) =>
  Type.Object(
    {
      cpuMilli: quantity('thousandths of a CPU', 40_000),
      memMb: quantity('memory, MiB', 80_000),
      diskMb: quantity('disk, MiB', 0),
      gpus: quantity('whole GPUs', 0),
      scalars: Type.Optional(
        Type.Record(Type.String({ pattern: '^[\\s\\S]{1,64}$' }), Type.Integer({ minimum: 0 }), {
          additionalProperties: false,
          description: 'anything else that slaves declare, by name, in thousandths',
          examples: [{ licences: 2000 }],
        }),
      ),
    },
    { description, examples: [{ cpuMilli: 40_000, memMb: 80_000 }] },
  )
export type Quota = Type.Static<ReturnType<typeof Quota>>

/** What an operator has set for a role. What is absent is as it is without a setting. */
export interface RoleSettings {
  /** Among its siblings, 0.001 to 1000; 1. */
  weight?: number
  /** Held back for it; none. */
  guarantee?: Quota
  /** It never holds more; no limit. */
  limit?: Quota
  /** An offer to it holds at least so much of one slave. */
  minOffer?: Quota
}

/** The sharing of a cluster, as operators have set it. */
export interface Sharing {
  readonly policy?: string
  readonly roles: Readonly<Record<string, RoleSettings>>
  /** Roles that were moved, and where to. */
  readonly moved: Readonly<Record<string, string>>
}

/** Only what it names, none of it too. */
export function quotaInWords({ cpuMilli, memMb, diskMb, gpus, scalars = {} }: Quota): string {
  const words = [
    cpuMilli !== undefined && `${cpuMilli / 1000} cpus`,
    memMb !== undefined && `${memMb} MiB`,
    diskMb !== undefined && `${diskMb} MiB disk`,
    gpus !== undefined && `${gpus} gpus`,
    ...Object.entries(scalars).map(([name, quantity]) => `${quantity / 1000} ${name}`),
  ]
  return words.filter(Boolean).join(', ') || 'nothing'
}

/** A quota as an amount: what it does not name is none. */
export const asAmount = ({ cpuMilli = 0, memMb = 0, diskMb = 0, gpus = 0, scalars }: Quota): Resources => ({
  cpuMilli,
  memMb,
  diskMb,
  gpus,
  ...(scalars && { scalars }),
})
