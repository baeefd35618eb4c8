#!/usr/bin/env node
// In a checkout the sources run as they are; the published package has what tsc made of them.
import { existsSync } from 'node:fs'

const source = new URL('proffer.ts', import.meta.url)
if (!existsSync(source)) await import('../../dist/services/operator/proffer.js')
else {
  if (!process.features.typescript) {
    // Its cache would be a folder that stays behind wherever the command has run.
    process.env.TSX_DISABLE_CACHE ??= '1'
    const { register } = await import('tsx/esm/api')
    register()
  }
  await import(source.href)
}
