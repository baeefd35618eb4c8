/** How a master shares out what is free: the flags that say so, for whoever starts one. */
import { Option } from 'commander'
import { type MasterSettings, revokeFors, spreads } from '../../shared/config.ts'
import { Misuse, readFlag } from './flags.ts'

export interface SharingFlags {
  readonly policy: string
  readonly policies?: string
  readonly weights?: string
  readonly spread: MasterSettings['spread']
  readonly revokeFor: MasterSettings['revokeFor']
}

export const sharingOptions = (): Option[] =>
  [
    new Option('--policy <name>', 'allocation policy, until an operator sets another')
      .default('drf')
      .env('PROFFER_POLICY'),
    new Option(
      '--policies <file,...>',
      'modules of yours, each with a policy as its default export, to be chosen by name',
    ).env('PROFFER_POLICIES'),
    new Option('--weights <role=weight,...>', 'weights of roles; 1 where none is given').env(
      'PROFFER_WEIGHTS',
    ),
    new Option(
      '--spread <how>',
      'whether what is free of a slave is offered to one framework, or split between those that want it',
    )
      .choices(spreads)
      .default('whole')
      .env('PROFFER_SPREAD'),
    new Option(
      '--revoke-for <whom>',
      'for whom tasks of others are revoked: roles below their guarantee, all below their fair share, nobody',
    )
      .choices(revokeFors)
      .default('guarantee')
      .env('PROFFER_REVOKE_FOR'),
  ].map((option) => option.helpGroup('Sharing:'))

/** What the flags ask for, with the policies from outside. Throws Misuse. */
export async function readSharing({ policy, policies: files, weights, spread, revokeFor }: SharingFlags) {
  const { policies: known } = await import('../../statecharts/master/allocator/allocator.ts')
  const { parseWeights } = await import('../../shared/written.ts')
  const policies = await loaded(files)
  const names = Object.keys({ ...known, ...policies })
  if (!names.includes(policy))
    throw new Misuse(`--policy: there is no policy ${policy}; there are ${names.join(', ')}`)
  const byRole = weights === undefined ? {} : readFlag('--weights', () => parseWeights(weights))
  return { sharing: { policy, weights: byRole, spread, revokeFor }, policies }
}

async function loaded(files: string | undefined) {
  if (files === undefined) return {}
  const { loadPolicies, PolicyError } = await import('../master/policies.ts')
  return loadPolicies(files.split(',').map((file) => file.trim())).catch((error: unknown) => {
    throw error instanceof PolicyError ? new Misuse(`--policies: ${error.message}`) : error
  })
}
