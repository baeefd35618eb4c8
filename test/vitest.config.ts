import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: new URL('./buildOnce.ts', import.meta.url).pathname,
    // Real servers and processes share the machine with the tests: a slow machine is no broken promise.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Simulated clusters leave much behind that is young.
    execArgv: ['--max-semi-space-size=64'],
    maxWorkers: 3,
    reporters: ['default', new URL('./plainTotals.ts', import.meta.url).pathname],
  },
})
