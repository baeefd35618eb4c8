/** `npx tsx test/paper/main.ts`: measures all of it again, and writes the tables of the page. */
import { readFileSync, writeFileSync } from 'node:fs'
import { page, rewritten } from './page.ts'

writeFileSync(page, rewritten(readFileSync(page, 'utf8')))
