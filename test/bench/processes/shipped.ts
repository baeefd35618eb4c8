/** The command that people run, as they run it: `proffer master` or `proffer slave`. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageFolder } from '../../../services/runtime/package.ts'
import { given, serve } from './serve.ts'

const { words } = given<{ readonly words: readonly string[] }>()
process.argv.splice(2, process.argv.length, ...words)
// It ends by itself, in order, when it is told to as an operator would.
serve(
  () => {},
  () => new Promise(() => process.kill(process.pid, 'SIGTERM')),
)
await import(pathToFileURL(join(packageFolder, 'services/operator/proffer.js')).href)
