/** Our version, as package.json has it: the checkout's and the published package's lie equally deep. */
import { existsSync, readFileSync } from 'node:fs'

const here = (path: string) => new URL(path, import.meta.url)
const file = [here('../../package.json'), here('../../../package.json')].find((url) => existsSync(url))

export const version: string = file
  ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  : '0.0.0'
