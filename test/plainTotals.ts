/** After vitest's own totals, the same on one plain line, for whoever reads runs of many projects. */
import type { Reporter, TestModule } from 'vitest/node'

export default class PlainTotals implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state]++
      // A file that could not be read holds no test to count, and has failed all the same.
      if (module.errors().length > 0) counts.failed++
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    process.once('exit', () => console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`))
  }
}
