/** What the page shows is in its address: every view, every thing and every filter is a link. */
import { computed, signal } from '@preact/signals'

export interface Place {
  /** `cluster`, `charts`, `conversation`, `timeline`, `why`, `task`. */
  readonly view: string
  readonly with: Readonly<Record<string, string>>
}

const written = signal(location.hash)
addEventListener('hashchange', () => {
  written.value = location.hash
})

/** Where we are: `#/charts?actor=master+m1`. */
export const place = computed((): Place => {
  const [path = '', query = ''] = written.value.replace(/^#\/?/, '').split('?', 2)
  return { view: path || 'cluster', with: Object.fromEntries(new URLSearchParams(query)) }
})

/** The address of a view; what is undefined or empty is left out. */
export function linkTo(view: string, given: Readonly<Record<string, string | undefined>> = {}): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(given)) if (value) query.set(name, value)
  const text = query.toString()
  return `#/${view}${text && `?${text}`}`
}

/** The same view with something of it changed. */
export const linkHere = (changed: Readonly<Record<string, string | undefined>>): string =>
  linkTo(place.value.view, { ...place.value.with, ...changed })

export function go(link: string): void {
  location.hash = link
}
