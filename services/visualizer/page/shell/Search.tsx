/** Finds whatever has a name; what is found is a link. */
import { useId, useRef, useState } from 'preact/hooks'
import { linkToThing } from '../parts/links.ts'
import { go } from '../place.ts'
import { Found } from './Found.tsx'
import { useFound } from './useFound.ts'

export const searchId = 'search'

export function Search() {
  const list = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const found = useFound(text)
  const close = () => {
    setText('')
    setAt(0)
    input.current?.blur()
  }
  const press = (event: KeyboardEvent) => {
    const chosen = found.things[at]
    if (event.key === 'Escape') close()
    else if (event.key === 'ArrowDown') setAt(Math.min(found.things.length - 1, at + 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1))
    else if (event.key === 'Enter' && chosen) {
      go(linkToThing(chosen))
      close()
    } else return
    event.preventDefault()
  }
  return (
    <search
      class="search"
      onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node) && setText('')}
    >
      <input
        id={searchId}
        ref={input}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder="Search everything"
        aria-label="Search actors, frameworks, slaves, offers and tasks"
        aria-expanded={text !== ''}
        aria-controls={list}
        aria-activedescendant={text && found.things[at] ? `${list}-${at}` : undefined}
        aria-keyshortcuts="/"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={press}
      />
      {!text && <span class="search-key">/</span>}
      {text && <Found id={list} found={found} at={at} onGo={close} />}
    </search>
  )
}
