/** One thing that a step asked of the world, and who heard of it. */
import { effectInWords } from '../../../../shared/trace.ts'
import type { StepShown } from '../../language.ts'
import { OtherStep } from './OtherStep.tsx'
import { Tree } from './Tree.tsx'
import { treeOf } from './tree.ts'

interface Props {
  readonly effect: { readonly do: string }
  readonly cause: StepShown['causes'][number] | undefined
}

export function EffectShown({ effect, cause }: Props) {
  const { do: kind, ...fields } = effect
  const { branches } = treeOf(kind, fields)
  return (
    <li class={`effect effect-${kind}`}>
      <details>
        <summary class="mono">{effectInWords(effect)}</summary>
        <Tree branches={branches} />
      </details>
      {cause?.positions.map((position) => (
        <OtherStep key={position} position={position} what="heard in" />
      ))}
      {cause?.lost && <p class="lost">✕ lost: nobody has heard it</p>}
    </li>
  )
}
