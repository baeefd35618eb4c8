/** Which cluster this is, who leads it, how much of everything there is, and where one can go. */
import { hello } from '../connection.ts'
import { linkTo } from '../place.ts'
import { Menu } from './Menu.tsx'
import { Search } from './Search.tsx'
import { Totals } from './Totals.tsx'

export function Header() {
  return (
    <header class="head">
      <div class="head-row">
        <a class="brand plain" href={linkTo('cluster')}>
          <Mark />
          <strong>Proffer</strong>
        </a>
        <Source />
        <Totals />
        <Search />
      </div>
      <Menu />
    </header>
  )
}

function Source() {
  const source = hello.value?.source
  if (!source) return <span class="source quiet">opening …</span>
  return (
    <span class="source" title={source.live ? source.where : source.name}>
      <b>{hello.value?.cluster}</b>
      {!source.live && <span class="badge">recording</span>}
    </span>
  )
}

function Mark() {
  return (
    <svg class="brand-mark" viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="3.5" fill="var(--accent)" />
      <path
        d="M5 12.5V4h3.6a2.9 2.9 0 0 1 0 5.8H5"
        fill="none"
        stroke="var(--accent-ink)"
        stroke-width="1.9"
      />
    </svg>
  )
}
