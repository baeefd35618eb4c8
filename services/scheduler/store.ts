/** What a framework must remember: a small durable store with compare-and-set, for intents that are saved before they are acted on. */
import { encode, unpack } from '../../shared/codec.ts'
import { bucketName, keyOf } from '../runtime/overBus.ts'
import type { Bucket, Bus } from '../runtime/ports.ts'

export interface Entry<Value> {
  readonly value: Value
  /** What the next write must find, to be sure that nobody wrote in between. */
  readonly revision: number
}

/** Durable values by name. Whatever msgpack can hold; together well below the bus's limit of 1 MB for each. */
export interface Store {
  /** Undefined when there is none. Throws StoreUnknown when nobody answers. */
  get<Value>(name: string): Promise<Entry<Value> | undefined>
  /** Writes where nothing stands yet. Throws StoreConflict when something does. */
  create(name: string, value: unknown): Promise<number>
  /** Writes over this very revision, and returns the new one. Throws StoreConflict when another was written. */
  update(name: string, value: unknown, revision: number): Promise<number>
  remove(name: string, revision: number): Promise<void>
}

/** Somebody else has written; read again. */
export class StoreConflict extends Error {}
/** No answer came: it may have been written or not; read, and decide. */
export class StoreUnknown extends Error {}

export async function openStore(
  bus: Bus,
  cluster: string,
  framework: string,
  replicas: number,
): Promise<Store> {
  return storeIn(await bus.bucket(bucketName(cluster, 'store'), { replicas }), framework)
}

/** Each framework's values under its own name in one bucket. */
export function storeIn(bucket: Bucket, framework: string): Store {
  const at = (name: string) => keyOf(framework, name)
  const written = async (name: string, writing: ReturnType<Bucket['create']>) => {
    const result = await writing
    if (result.outcome === 'written') return result.revision
    if (result.outcome === 'conflict') throw new StoreConflict(`${name} was written by somebody else`)
    throw new StoreUnknown(`nobody answered whether ${name} was written`)
  }
  return {
    async get<Value>(name: string) {
      const entry = await bucket.read(at(name)).catch((error: Error) => {
        throw new StoreUnknown(`nobody answered what ${name} is: ${error.message}`)
      })
      return entry && { value: unpack(entry.value)?.value as Value, revision: entry.revision }
    },
    create: (name, value) => written(name, bucket.create(at(name), encode({ value }))),
    update: (name, value, revision) => written(name, bucket.update(at(name), encode({ value }), revision)),
    remove: async (name, revision) => {
      await written(name, bucket.remove(at(name), revision))
    },
  }
}
