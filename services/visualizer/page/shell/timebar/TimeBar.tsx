/** The moment that is shown, and the ways to another. */
import { clock, link } from '../../connection.ts'
import { Moment } from './Moment.tsx'
import { Seeks } from './Seeks.tsx'
import { Slider } from './Slider.tsx'
import { Transport } from './Transport.tsx'
import './timebar.css'

export function TimeBar() {
  const shown = clock.value
  return (
    <footer class="timebar">
      {shown ? (
        <>
          <Slider clock={shown} />
          <div class="timebar-row">
            <Transport clock={shown} />
            <Moment clock={shown} />
            <Seeks clock={shown} />
          </div>
        </>
      ) : (
        <p class="quiet">
          {link.value === 'away' ? 'There is no time without a server.' : 'Waiting for the first step …'}
        </p>
      )}
    </footer>
  )
}
