/** Allocation policies from outside of this repository: modules whose default export is one. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  flawOfPolicy,
  type Policies,
  type Policy,
  policies,
} from '../../statecharts/master/allocator/allocator.ts'

/** A module that brings no policy; the message says which one, and why. */
export class PolicyError extends Error {}

/** By name. What stands at these paths runs as part of the master. Rejects with PolicyError. */
export async function loadPolicies(paths: readonly string[]): Promise<Policies> {
  const loaded = new Map<string, Policy>()
  for (const path of paths) {
    const policy = await loadPolicy(path)
    if (Object.hasOwn(policies, policy.name) || loaded.has(policy.name))
      throw new PolicyError(`${path}: there is a policy ${policy.name} already; give this one another name`)
    loaded.set(policy.name, policy)
  }
  return Object.fromEntries(loaded)
}

async function loadPolicy(path: string): Promise<Policy> {
  const module = await load(path)
  const flaw = 'default' in module ? flawOfPolicy(module.default) : 'it has no default export'
  if (flaw === undefined) return module.default as Policy
  throw new PolicyError(`${path} is no policy: ${flaw}`)
}

async function load(path: string): Promise<{ readonly default?: unknown }> {
  try {
    return await import(pathToFileURL(resolve(path)).href)
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new PolicyError(`${path} cannot be loaded: ${why.replace(/\.$/, '')}${hint(path, error)}`)
  }
}

/** What is no module to Node where nothing says that it is one is no syntax, or a require, to it. */
function hint(path: string, error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  const isMisread = error instanceof SyntaxError || `${code}`.startsWith('ERR_REQUIRE')
  return isMisread && path.endsWith('.js')
    ? '; a module is called .mjs, or has a package.json with "type": "module" above it'
    : ''
}
