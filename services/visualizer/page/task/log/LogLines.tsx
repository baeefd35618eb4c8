/** The lines that are kept; it stays at the end for as long as it follows. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { blocksOf } from './blocks.ts'
import { LogBlock } from './LogBlock.tsx'
import type { SeenLog } from './useLog.ts'

interface Props {
  readonly seen: SeenLog
  readonly above: string | undefined
}
/** So near to the end counts as at the end, px. */
const nearPx = 24

export function LogLines({ seen, above }: Props) {
  const frame = useRef<HTMLElement>(null)
  const [follows, setFollows] = useState(true)
  useLayoutEffect(() => {
    if (follows && frame.current) frame.current.scrollTop = frame.current.scrollHeight
  }, [seen, follows])
  const scroll = ({
    currentTarget: { scrollTop, scrollHeight, clientHeight },
  }: {
    currentTarget: HTMLElement
  }) => setFollows(scrollHeight - scrollTop - clientHeight < nearPx)
  return (
    <>
      <button type="button" class="log-follow" aria-pressed={follows} onClick={() => setFollows(!follows)}>
        {seen.over ? 'At its end' : 'Follow'}
      </button>
      <section
        ref={frame}
        class="log-frame"
        aria-label="Lines of the log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        onScroll={scroll}
      >
        {above && <p class="log-note quiet">{above}</p>}
        {blocksOf(seen.log.lines).map((block) => (
          <LogBlock key={block.key} block={block} />
        ))}
        {seen.over && <p class="log-note quiet">That was all: it has ended.</p>}
      </section>
    </>
  )
}
