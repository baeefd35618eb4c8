/** What a task writes, as it writes it. */
import { hello } from '../../connection.ts'
import { Notice } from '../../parts/Notice.tsx'
import { counted, memory } from '../../parts/words.ts'
import { linkHere, place } from '../../place.ts'
import { LogLines } from './LogLines.tsx'
import { type SeenLog, type Stream, useLog } from './useLog.ts'

const streams: readonly Stream[] = ['stdout', 'stderr']

export function Log({ task }: { readonly task: string }) {
  const stream: Stream = place.value.with['log'] === 'stderr' ? 'stderr' : 'stdout'
  return (
    <section class="panel task-log" aria-label="Its log">
      <header>
        <h2>Log</h2>
        <nav class="log-streams" aria-label="Which of the two">
          {streams.map((one) => (
            <a key={one} href={linkHere({ log: one })} aria-current={one === stream ? 'true' : undefined}>
              {one}
            </a>
          ))}
        </nav>
      </header>
      {hello.value?.source.live === true ? (
        <Live task={task} stream={stream} />
      ) : (
        <Notice>A recording holds what was said, not what tasks wrote: there is no log in it.</Notice>
      )}
    </section>
  )
}

function Live({ task, stream }: { readonly task: string; readonly stream: Stream }) {
  const seen = useLog(task, stream)
  if (!seen.read) return <Notice>Waiting for what it wrote …</Notice>
  return (
    <>
      {seen.sorry && (
        <p class="log-note bad" role="status">
          {seen.sorry}
        </p>
      )}
      {seen.log.lines.length === 0 ? (
        !seen.sorry && (
          <Notice>
            {seen.over ? `It wrote nothing to ${stream}.` : `It has written nothing to ${stream} so far.`}
          </Notice>
        )
      ) : (
        <LogLines seen={seen} above={aboveInWords(seen)} />
      )}
    </>
  )
}

/** What stands above the lines that are kept. */
function aboveInWords({ skipped, log }: SeenLog): string | undefined {
  const missing = [
    skipped > 0 && `${memory(Math.ceil(skipped / 1024 / 1024))} of it`,
    log.dropped > 0 && counted(log.dropped, 'line'),
  ].filter(Boolean)
  if (missing.length === 0) return undefined
  return `${missing.join(' and ')} came before: “proffer logs” tells all of it.`
}
