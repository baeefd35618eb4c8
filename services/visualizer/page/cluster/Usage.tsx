/** What of each resource is booked, what is offered, and what is free. */
import type { Amounts, Summary } from '../../language.ts'
import { memory, shortCount, shortPercent } from '../parts/words.ts'

const kinds: readonly (readonly [kind: keyof Amounts, name: string, inWords: (amount: number) => string])[] =
  [
    ['cpus', 'CPUs', (cpus) => shortCount(Number(cpus.toFixed(1)))],
    ['memMb', 'memory', memory],
    ['diskMb', 'disk', memory],
    ['gpus', 'GPUs', shortCount],
  ]

export function Usage({ summary }: { readonly summary: Summary }) {
  const { total, booked, offered } = summary
  return (
    <div>
      <h2>In use</h2>
      <dl class="state-bars">
        {kinds.map(
          ([kind, name, inWords]) =>
            total[kind] > 0 && (
              <div key={kind} class="state-bar">
                <dt>{name}</dt>
                <dd
                  title={`${inWords(booked[kind])} booked, ${inWords(offered[kind])} offered, of ${inWords(total[kind])}`}
                >
                  <span class="usage">
                    <i class="usage-booked" style={{ width: `${(booked[kind] / total[kind]) * 100}%` }} />
                    <i class="legend-offered" style={{ width: `${(offered[kind] / total[kind]) * 100}%` }} />
                  </span>
                  <b>{shortPercent(booked[kind] / total[kind])}</b>
                  <small class="quiet">of {inWords(total[kind])}</small>
                </dd>
              </div>
            ),
        )}
      </dl>
    </div>
  )
}
