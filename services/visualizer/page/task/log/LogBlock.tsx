/** Some lines, drawn again only when they have changed. */
import { Component } from 'preact'
import { classOf } from './ansi.ts'
import type { Block } from './blocks.ts'

interface Props {
  readonly block: Block
}

export class LogBlock extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return next.block.version !== this.props.block.version
  }

  override render({ block }: Props) {
    return (
      <div class="log-block">
        {block.lines.map(({ number, spans }) => (
          <div key={number} class="log-line">
            {spans.map(({ text, style }, index) => {
              const name = classOf(style)
              return name ? (
                <span key={index} class={name}>
                  {text}
                </span>
              ) : (
                text
              )
            })}
          </div>
        ))}
      </div>
    )
  }
}
