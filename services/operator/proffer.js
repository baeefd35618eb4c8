#!/usr/bin/env node
// The published package has the command built; in a checkout it is built anew when a source is newer.
import { existsSync } from 'node:fs'

const builder = new URL('build.js', import.meta.url)
if (existsSync(builder)) {
  const { buildCommand } = await import(builder.href)
  await buildCommand().catch(({ message }) => {
    console.error(`proffer: ${message}`)
    process.exit(1)
  })
}
await import('../../dist/command/proffer.js')
