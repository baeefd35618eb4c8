/**
 * A state diagram as Mermaid 11 reads it, by its grammar (stateDiagram.jison) as far as our diagrams go. Mermaid's own
 * `parse` needs a browser's DOM, and 150 MB of packages. Paths are words from the sheet down.
 */
export interface ReadDiagram {
  /** What stands on a state, by path. */
  readonly titles: ReadonlyMap<string, string>
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly label: string }[]
  readonly starts: readonly string[]
  readonly ends: readonly string[]
}

/** What Mermaid's lexer takes for its own at the start of a statement, or anywhere in it. */
const ours = /^(default|click|href)\b|^(note|class|classDef|style|scale)\s|^(hide|acc(Title|Descr)|[#%])/i
const turning = /direction\s+(TB|BT|RL|LR)/i
const word = '(\\[\\*\\]|[^:\\n\\s\\-{"]+)'
const box = new RegExp(`^state (?:"([^"]*)" as )?${word} \\{$`)
const titled = new RegExp(`^state "([^"]*)" as ${word}$`)
const arrow = new RegExp(`^${word} --> ${word}(?:: ([^:\\n;]+))?$`)
const bare = new RegExp(`^${word}$`)

/** Throws where Mermaid would not read on. */
export function readMermaid(text: string): ReadDiagram {
  const [head, ...lines] = encoded(text).trimEnd().split('\n')
  if (head !== 'stateDiagram-v2') throw new Error(`no state diagram: ${head}`)
  const titles = new Map<string, string>()
  const [arrows, starts, ends]: [{ from: string; to: string; label: string }[], string[], string[]] = [
    [],
    [],
    [],
  ]
  const around: string[] = []
  const pathOf = (name: string) => [...around, name].join('/')
  const see = (name: string, title = name) => {
    const path = pathOf(name)
    if (title !== name || !titles.has(path)) titles.set(path, decoded(title))
    return path
  }
  for (const line of lines.map((each) => each.trim())) {
    if (ours.test(line) || turning.test(line) || /^state .*(<<|\[\[)/.test(line))
      throw new Error(`a word of Mermaid's: ${line}`)
    const [boxed, named, drawn, alone] = [box, titled, arrow, bare].map((form) => form.exec(line))
    if (line === '}') around.pop()
    else if (line === '--') continue
    else if (boxed?.[2]) {
      see(boxed[2], boxed[1])
      around.push(boxed[2])
    } else if (named?.[2]) see(named[2], named[1])
    else if (drawn?.[1] && drawn[2]) {
      const [, from, to, label = ''] = drawn
      if (from === '[*]') starts.push(see(to))
      else if (to === '[*]') ends.push(see(from))
      else arrows.push({ from: see(from), to: see(to), label: decoded(label) })
    } else if (alone?.[1]) see(alone[1])
    else throw new Error(`Mermaid does not know ${line}`)
  }
  if (around.length > 0) throw new Error(`${around} does not end`)
  return { titles, arrows, starts, ends }
}

/** Before anything else Mermaid takes numbered letters out of its own way. */
const encoded = (text: string): string => text.replace(/#(\w+);/g, '\u{fb02}\u{b0}\u{b0}$1\u{b6}\u{df}')
const decoded = (text: string): string =>
  text.replace(/\u{fb02}\u{b0}\u{b0}(\d+)\u{b6}\u{df}/gu, (_, code) => String.fromCodePoint(Number(code)))
