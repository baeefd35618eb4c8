/** Scrapes a role as Prometheus does, and reads what it says. */

export interface Scrape {
  /** `name{label="value",...}` as it is written, and its value. */
  readonly samples: ReadonlyMap<string, number>
  /** The type of each metric, and what it is for. */
  readonly types: ReadonlyMap<string, string>
  readonly helps: ReadonlyMap<string, string>
}

export async function scrape(url: string): Promise<Scrape> {
  const answer = await fetch(`${url}/metrics`)
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  return readScrape(await answer.text())
}

export function readScrape(text: string): Scrape {
  const all = (pattern: RegExp) =>
    new Map([...text.matchAll(pattern)].map(([, name = '', value = '']) => [name, value]))
  const samples = [...all(/^([a-z_]\w*(?:\{.*\})?) (\S+)$/gim)].map(
    ([name, value]) => [name, Number(value)] as const,
  )
  return {
    samples: new Map(samples),
    types: all(/^# TYPE (\S+) (\S+)$/gm),
    helps: all(/^# HELP (\S+) (.+)$/gm),
  }
}

/** The names of series, as a query names them: a histogram has three. */
export const namesIn = ({ samples }: Scrape): ReadonlySet<string> =>
  new Set([...samples.keys()].map((sample) => sample.replace(/\{.*/, '')))
