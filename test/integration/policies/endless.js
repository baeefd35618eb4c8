/** It loads, and never comes back from its first decision. */
export default {
  name: 'endless',
  measure: () => 0,
  order: () => {
    for (;;);
  },
}
