/** Images that a slave lacks: each is pulled once, however many runs ask for it. */
import { messageOf } from '../runs.ts'
import { Slots } from '../slots.ts'
import { NotStarted } from './containerEnds.ts'
import type { DockerBounds } from './dockerOptions.ts'
import type { Engine, PullNews } from './engine.ts'

export class Images {
  readonly #engine: Engine
  readonly #progressMs: number
  readonly #slots: Slots
  readonly #pulls = new Map<string, { done: Promise<void>; hearers: Set<(message: string) => void> }>()

  constructor(engine: Engine, bounds: DockerBounds) {
    this.#engine = engine
    this.#progressMs = bounds.progressMs
    this.#slots = new Slots(bounds.maxConcurrentPulls)
  }

  /** Rejects with NotStarted when the image cannot be had. */
  async pull(image: string, hear: (message: string) => void): Promise<void> {
    const pull = this.#pulls.get(image) ?? this.#begin(image)
    pull.hearers.add(hear)
    hear(`pulling ${image}`)
    try {
      await pull.done
    } catch (error) {
      throw new NotStarted({
        reason: 'image-not-found',
        message: `the image ${image} is not on this slave and cannot be pulled: ${messageOf(error)}`,
      })
    } finally {
      pull.hearers.delete(hear)
    }
  }

  #begin(image: string) {
    const hearers = new Set<(message: string) => void>()
    const tell = (message: string) => {
      for (const hear of hearers) hear(message)
    }
    const done = this.#slots
      .with(() => this.#engine.pull(image, throttled(image, this.#progressMs, tell)))
      .finally(() => this.#pulls.delete(image))
    const pull = { done, hearers }
    this.#pulls.set(image, pull)
    return pull
  }
}

/** A sentence of how far the pull is, from all the news so far, at the most every so often. */
function throttled(image: string, everyMs: number, tell: (message: string) => void) {
  const layers = new Map<string, PullNews>()
  let last = Date.now()
  return (news: PullNews) => {
    if (news.id !== undefined) layers.set(news.id, keepSize(news, layers.get(news.id)))
    const now = Date.now()
    if (now - last < everyMs) return
    last = now
    tell(`pulling ${image}: ${summary([...layers.values()])}`)
  }
}

/** News of a layer that is all there no longer say how large it was. */
const keepSize = (news: PullNews, before: PullNews | undefined): PullNews =>
  news.progressDetail?.total === undefined && before?.progressDetail
    ? { ...news, progressDetail: before.progressDetail }
    : news

const hasAll = /^(Download complete|Pull complete|Already exists)$/

function summary(layers: readonly PullNews[]): string {
  const sizes = layers.filter((layer) => layer.progressDetail?.total !== undefined)
  const total = sizes.reduce((sum, layer) => sum + (layer.progressDetail?.total ?? 0), 0)
  const here = sizes.reduce((sum, layer) => sum + hereOf(layer), 0)
  const complete = layers.filter((layer) => hasAll.test(layer.status ?? '')).length
  return `${megabytes(here)} of ${megabytes(total)} MB, ${complete} of ${layers.length} layers`
}

function hereOf({ status = '', progressDetail }: PullNews): number {
  return status === 'Downloading' ? (progressDetail?.current ?? 0) : (progressDetail?.total ?? 0)
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
