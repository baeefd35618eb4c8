/** What stays around every view: where one can go, the moment that is shown, and what is wrong. */

import { useEffect } from 'preact/hooks'
import { hello } from '../connection.ts'
import { Notice } from '../parts/Notice.tsx'
import { place } from '../place.ts'
import { views } from '../views.ts'
import { Banner } from './Banner.tsx'
import { Header } from './Header.tsx'
import { TimeBar } from './timebar/TimeBar.tsx'
import { useKeys } from './useKeys.ts'
import './shell.css'

export function Shell() {
  useKeys()
  const { view } = place.value
  const View = views[view]?.component
  const title = views[view]?.title
  const cluster = hello.value?.cluster
  useEffect(() => {
    document.title = [title, cluster, 'Proffer'].filter(Boolean).join(' · ')
  }, [title, cluster])
  return (
    <div class="shell">
      {/* The address after # is the view's: a skip link may not change it. */}
      <button type="button" class="skip" onClick={() => document.getElementById('view')?.focus()}>
        Skip to what is shown
      </button>
      <Header />
      <Banner />
      <main id="view" class="view" tabIndex={-1}>
        {View ? <View /> : <Notice tone="bad">There is no view “{view}”: choose one from the menu.</Notice>}
      </main>
      <TimeBar />
    </div>
  )
}
