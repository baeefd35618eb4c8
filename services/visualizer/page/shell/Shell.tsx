/** What stays around every view: where one can go, the moment that is shown, and what is wrong. */
import { place } from '../place.ts'
import { views } from '../views.ts'

export function Shell() {
  const View = views[place.value.view]?.component
  return <main>{View ? <View /> : <p>There is no view {place.value.view}.</p>}</main>
}
