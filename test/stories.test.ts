/** Stories are golden: what every role did is in the file. `UPDATE_STORIES=1` rewrites them when a change is meant. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Story } from './sim/story.ts'

const folder = new URL('stories/', import.meta.url)

for (const name of readdirSync(folder).sort()) {
  test(name.replace('.txt', '').replaceAll('-', ' '), () => {
    const file = new URL(name, folder)
    const text = readFileSync(file, 'utf8')
    const told = Story.tell(text.includes('\n----\n') ? text : text.trimEnd())
    if (process.env.UPDATE_STORIES) writeFileSync(file, told)
    else expect(told).toBe(text)
  })
}
