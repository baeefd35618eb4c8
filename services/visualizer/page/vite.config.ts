/** The page as a few files that need no host but their own server. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Whatever the address that its server is reached by.
  base: './',
  build: {
    outDir: fileURLToPath(new URL('../../../dist/page', import.meta.url)),
    emptyOutDir: true,
    // The layout engine is a file of its own, fetched when a chart is drawn.
    chunkSizeWarningLimit: 2000,
  },
  logLevel: 'warn',
})
