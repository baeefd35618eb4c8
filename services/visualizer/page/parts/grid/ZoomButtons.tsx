/** Larger, smaller, or all of them at once. */

interface Props {
  readonly zoom: number
  readonly onZoom: (zoom: number) => void
}
const most = 16

export function ZoomButtons({ zoom, onZoom }: Props) {
  return (
    <div class="grid-zoom">
      <button
        type="button"
        aria-label="Smaller cells"
        disabled={zoom <= 1}
        onClick={() => onZoom(Math.max(1, zoom / 1.5))}
      >
        −
      </button>
      <button type="button" title="All cells at once" disabled={zoom === 1} onClick={() => onZoom(1)}>
        Fit
      </button>
      <button
        type="button"
        aria-label="Larger cells"
        disabled={zoom >= most}
        onClick={() => onZoom(Math.min(most, zoom * 1.5))}
      >
        +
      </button>
    </div>
  )
}
