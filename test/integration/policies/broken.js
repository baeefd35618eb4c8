/** It loads, and fails as soon as it is to decide. */
export default {
  name: 'broken',
  measure: () => 0,
  order: () => {
    throw new Error('I never learned to count')
  },
}
