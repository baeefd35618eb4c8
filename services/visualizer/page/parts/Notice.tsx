/** What is so, and what to do about it, where there is nothing to draw. */
import type { ComponentChildren } from 'preact'
import './parts.css'

interface Props {
  readonly tone?: 'quiet' | 'warn' | 'bad'
  readonly children: ComponentChildren
}

export function Notice({ tone = 'quiet', children }: Props) {
  return (
    <p class={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      {children}
    </p>
  )
}
