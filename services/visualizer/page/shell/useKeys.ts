/** Keys that work everywhere: see keys.ts. What a part of the page has used itself is not used again. */
import { useEffect } from 'preact/hooks'
import { actionOf, type Focused, type KeyAction } from './keys.ts'
import { searchId } from './Search.tsx'
import { seek, toggle, toNow, walk } from './timebar/travel.ts'

export function useKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return
      const action = actionOf(event, focusedOf(event.target))
      if (!action) return
      event.preventDefault()
      carryOut(action)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}

function carryOut(action: KeyAction): void {
  if (action.do === 'walk') walk(action.by)
  else if (action.do === 'seek') seek(action.what, action.back)
  else if (action.do === 'toggle') toggle()
  else if (action.do === 'now') toNow()
  else if (action.do === 'close') closeChosen()
  else document.getElementById(searchId)?.focus()
}

/** What is open beside a view has a link that closes it. */
function closeChosen(): void {
  document.querySelector<HTMLAnchorElement>('main a[aria-label="Close"]')?.click()
}

function focusedOf(target: EventTarget | null): Focused {
  if (!(target instanceof Element)) return 'nothing'
  if (target.closest('dialog')) return 'dialog'
  if (target.closest('input, textarea, select, [contenteditable]')) return 'text'
  return target.closest('button, a, summary, [role="button"], [role="tab"]') ? 'button' : 'nothing'
}
