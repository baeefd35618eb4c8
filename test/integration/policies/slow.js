/** It decides rightly, and takes its time over it. */
import { drf } from 'proffer/policy'

export default {
  ...drf,
  name: 'slow',
  order: (siblings, world) => {
    const until = performance.now() + 1000
    while (performance.now() < until);
    return drf.order(siblings, world)
  },
}
