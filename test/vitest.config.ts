import { defineConfig } from 'vitest/config'

/** Each of these has modules of its own, at the cost of loading them: those with real servers, and one that swaps modules. */
const alone = ['test/integration/**/*.test.ts', 'test/planted.test.ts']

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    globalSetup: new URL('./buildOnce.ts', import.meta.url).pathname,
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      {
        extends: true,
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: alone, isolate: false },
      },
    ],
    // Real servers and processes share the machine with the tests: a slow machine is no broken promise.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Simulated clusters leave much behind that is young.
    execArgv: ['--max-semi-space-size=64'],
    // More than a small machine has processors: many of the tests wait for servers and processes.
    maxWorkers: 3,
    reporters: ['default', new URL('./plainTotals.ts', import.meta.url).pathname],
  },
})
