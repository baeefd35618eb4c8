/** The views that one can go to. */
import { linkTo, place } from '../place.ts'
import { views } from '../views.ts'

export function Menu() {
  return (
    <nav class="menu" aria-label="Views">
      {Object.entries(views).map(
        ([name, { title, hidden }]) =>
          !hidden && (
            <a key={name} href={linkTo(name)} aria-current={place.value.view === name ? 'page' : undefined}>
              {title}
            </a>
          ),
      )}
    </nav>
  )
}
