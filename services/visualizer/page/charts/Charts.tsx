/** Every chart as it is, who stands where in it, and what each actor and each thing went through. */
import { useEffect } from 'preact/hooks'
import { Notice } from '../parts/Notice.tsx'
import { place } from '../place.ts'
import { ActorChart } from './ActorChart.tsx'
import { ChartMenu } from './ChartMenu.tsx'
import { CrowdChart } from './CrowdChart.tsx'
import { type Charts as AllCharts, charts, drawnChart, wantCharts } from './charts.ts'
import { LifeChart } from './LifeChart.tsx'
import { chartOfLife, type Subject, subjectOf } from './subject.ts'
import './charts.css'

export function Charts() {
  useEffect(wantCharts, [])
  const got = charts.value
  if (!got) return <Notice>Waiting for the charts …</Notice>
  if (got instanceof Error)
    return (
      <Notice tone="bad">
        {got.message}{' '}
        <button type="button" onClick={wantCharts}>
          Ask again
        </button>
      </Notice>
    )
  const subject = subjectOf(place.value.with)
  return (
    <div class="charts">
      <ChartMenu names={Object.keys(got)} subject={subject} />
      <Chosen all={got} subject={subject} />
    </div>
  )
}

function Chosen({ all, subject }: { readonly all: AllCharts; readonly subject: Subject }) {
  const name = chartOf(subject)
  const chart = all[name]
  if (!chart) return <Notice tone="bad">There is no chart {name}: choose one of those above.</Notice>
  const drawn = drawnChart(name, chart)
  if (!drawn) return <Notice>Working out where the states of the {name} stand …</Notice>
  if (drawn instanceof Error)
    return (
      <Notice tone="bad">
        The chart {name} cannot be drawn: {drawn.message}
      </Notice>
    )
  if (subject.of === 'all') return <CrowdChart key={name} name={name} drawn={drawn} />
  if (subject.of === 'actor')
    return <ActorChart key={`${subject.role} ${subject.id}`} {...subject} drawn={drawn} />
  return <LifeChart key={`${subject.life} ${subject.id}`} {...subject} drawn={drawn} />
}

function chartOf(subject: Subject): string {
  switch (subject.of) {
    case 'all':
      return subject.chart
    case 'actor':
      return subject.role
    case 'life':
      return chartOfLife(subject.life)
  }
}
