/** Where boxes and arrows stand: what is given to the layout engine, and what is read out of its answer. */
import type { ELK, ElkEdgeSection, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import type { Arrow, Box, Graph } from './graph.ts'
import { type Line, lineHeight, linesAt, widthOf } from './labels.ts'

export interface Point {
  readonly x: number
  readonly y: number
}
export interface Rectangle extends Point {
  readonly width: number
  readonly height: number
}
export interface PlacedBox extends Rectangle {
  readonly box: Box
}
export interface PlacedArrow {
  readonly arrow: Arrow
  readonly points: readonly Point[]
  readonly label?: Rectangle & { readonly lines: readonly Line[] }
}
/** Boxes with those that are around others first. */
export interface Layout {
  readonly width: number
  readonly height: number
  readonly boxes: readonly PlacedBox[]
  readonly arrows: readonly PlacedArrow[]
}

const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
  'elk.spacing.nodeNode': '40',
  'elk.spacing.edgeNode': '24',
  'elk.spacing.edgeEdge': '16',
  'elk.spacing.edgeLabel': '6',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.layered.spacing.edgeNodeBetweenLayers': '13',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  // A chart lists its states in the order of a life: what leads back is drawn against the stream.
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
}

/** Where all comes to its end is at the end of the picture. */
const last = { layoutOptions: { 'elk.layered.layering.layerConstraint': 'LAST' } }
const stateHeight = 46
/** Room for how many stand in a state, beside its name. */
const countWidth = 58
const leastWidth = 116

export function elkOf({ boxes, arrows }: Graph): ElkNode {
  return {
    id: 'chart',
    layoutOptions: options,
    children: boxes.map(nodeOf),
    edges: arrows.map(edgeOf),
  }
}

function nodeOf(box: Box): ElkNode {
  const { id, kind, name, children } = box
  if (kind === 'initial') return { id, width: 12, height: 12 }
  if (kind === 'any') return { id, width: widthOf(name) + 24, height: 26 }
  const width = Math.max(leastWidth, Math.ceil(name.length * 8.4) + 28 + countWidth)
  if (children.length === 0) return { id, width, height: stateHeight, ...(kind === 'final' && last) }
  return {
    id,
    layoutOptions: {
      'elk.padding': '[top=46,left=18,bottom=18,right=18]',
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width}, ${stateHeight})`,
    },
    children: children.map(nodeOf),
  }
}

function edgeOf(arrow: Arrow): ElkExtendedEdge {
  const lines = linesAt(arrow)
  const width = Math.max(0, ...lines.map(({ text }) => widthOf(text))) + 8
  const labels =
    lines.length > 0 ? [{ id: arrow.id, text: arrow.id, width, height: lines.length * lineHeight + 2 }] : []
  return { id: arrow.id, sources: [arrow.from], targets: [arrow.to], labels }
}

export async function place(graph: Graph, engine: ELK): Promise<Layout> {
  return layoutOf(graph, await engine.layout(elkOf(graph)))
}

export function layoutOf({ boxes, arrows }: Graph, placed: ElkNode): Layout {
  const nodes = new Map(all(placed).map((node) => [node.id, node]))
  const edges = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]))
  return {
    width: placed.width ?? 0,
    height: placed.height ?? 0,
    boxes: outsideIn(boxes).map((box) => ({ box, ...rectangleOf(nodes.get(box.id)) })),
    arrows: arrows.map((arrow) => placedArrow(arrow, edges.get(arrow.id))),
  }
}

const all = (node: ElkNode): ElkNode[] => [node, ...(node.children ?? []).flatMap(all)]
const outsideIn = (boxes: readonly Box[]): Box[] => boxes.flatMap((box) => [box, ...outsideIn(box.children)])

function placedArrow(arrow: Arrow, edge: ElkExtendedEdge | undefined): PlacedArrow {
  const points = (edge?.sections ?? []).flatMap(pointsOf)
  const [label] = edge?.labels ?? []
  return label
    ? { arrow, points, label: { ...rectangleOf(label), lines: linesAt(arrow) } }
    : { arrow, points }
}

const pointsOf = ({ startPoint, bendPoints = [], endPoint }: ElkEdgeSection): Point[] => [
  startPoint,
  ...bendPoints,
  endPoint,
]

function rectangleOf(shape: Partial<Rectangle> | undefined): Rectangle {
  const { x = 0, y = 0, width = 0, height = 0 } = shape ?? {}
  return { x, y, width, height }
}

/** A line along these points, as an SVG path with rounded corners. */
export function roundedPath(points: readonly Point[], radius = 8): string {
  const [first, ...rest] = points
  if (!first) return ''
  const parts = rest.map((corner, i) => {
    const [before, after] = [points[i] ?? corner, rest[i + 1]]
    if (!after) return `L${spot(corner)}`
    return `L${spot(towards(corner, before, radius))}Q${spot(corner)} ${spot(towards(corner, after, radius))}`
  })
  return `M${spot(first)}${parts.join('')}`
}

/** The head of an arrow that ends here, as a filled path. */
export function headOf(points: readonly Point[], length = 9, half = 4): string {
  const [tip, before] = [points.at(-1), points.at(-2)]
  if (!tip || !before) return ''
  const distance = Math.hypot(tip.x - before.x, tip.y - before.y) || 1
  const [dx, dy] = [(tip.x - before.x) / distance, (tip.y - before.y) / distance]
  const base = { x: tip.x - dx * length, y: tip.y - dy * length }
  const left = { x: base.x - dy * half, y: base.y + dx * half }
  const right = { x: base.x + dy * half, y: base.y - dx * half }
  return `M${spot(tip)}L${spot(left)}L${spot(right)}Z`
}

/** So far from one point to another, and at most halfway. */
function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const part = length === 0 ? 0 : Math.min(distance / length, 0.5)
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
}

const spot = ({ x, y }: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`
