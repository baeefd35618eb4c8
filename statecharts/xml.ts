/** Elements and attributes as XML 1.0. */
export interface Element {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string | undefined>>
  readonly content: readonly Element[]
}

/** What has no value is no attribute. */
export const element = (
  tag: string,
  attributes: Element['attributes'],
  content: readonly Element[] = [],
): Element => ({ tag, attributes, content })

export const xmlDocument = (root: Element): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, '')}`

function written({ tag, attributes, content }: Element, indent: string): string {
  const given = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}="${escaped(value)}"`],
  )
  const head = `${indent}<${tag}${given.join('')}`
  if (content.length === 0) return `${head}/>\n`
  return `${head}>\n${content.map((each) => written(each, `${indent}  `)).join('')}${indent}</${tag}>\n`
}

/** A letter that no XML may have, not even by its number, is replaced. */
const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"'\t\n\r]/g, (letter) => `&#${letter.codePointAt(0)};`)

/** A name that XML takes for one: other letters are written as .NET and SQL/XML write them, a blank as `_x0020_`. */
export const xmlName = (name: string): string => xmlLetters(name).replace(/^(?![A-Za-z_])./, codeOf) || '_'
export const xmlLetters = (name: string): string => name.replace(/[^A-Za-z0-9_-]/gu, codeOf)
const codeOf = (letter: string): string =>
  `_x${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}_`
