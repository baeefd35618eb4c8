/** The text that the demonstration counts: what the user names, or what every Debian has. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Listing, listFiles, TextError, type TextFile } from '../../frameworks/wordcount/index.ts'

export interface Text extends Listing {
  /** A line for the shell that writes all of it, in the same order. */
  readonly byHand: string
}

const licences = '/usr/share/common-licenses'
const docs = '/usr/share/doc'

/** Throws TextError when there is none. */
export function readText(root: string | undefined): Text {
  return root === undefined ? defaultText() : namedText(root)
}

function namedText(root: string): Text {
  const byHand = `find -L ${quoted(root)} -type f -print0 | sort -z | xargs -0 cat`
  const listing = listFiles(root)
  if (!listing.files.some((file) => file.bytes > 0))
    throw new TextError(`there is no text in ${root} that can be read`)
  return { ...listing, byHand }
}

/** The licences, and what each package says of its own: even small images keep those. */
function defaultText(): Text {
  if (!existsSync(licences)) {
    throw new TextError(
      `there is no text in ${licences} on this machine: name a directory, as in --demo ~/texts`,
    )
  }
  const packages = existsSync(docs) ? readdirSync(docs).sort() : []
  const { files, skipped } = listFiles(licences)
  const rest = packages.flatMap((name) => listFile(join(docs, name, 'copyright')))
  return { files: [...files, ...rest], skipped, byHand: `cat ${licences}/* ${docs}/*/copyright` }
}

/** Not every package has one. */
function listFile(path: string): readonly TextFile[] {
  try {
    return listFiles(path).files
  } catch {
    return []
  }
}

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`
