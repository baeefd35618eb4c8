/** A simulated cluster whose steps are heard by a chronicle, as the page's server would hear them. */
import { SimulatedCluster } from '../../services/simulator/index.ts'
import { Chronicle } from '../../services/visualizer/chronicle/chronicle.ts'
import { PackedSteps } from '../../services/visualizer/chronicle/steps.ts'
import type { Moment } from '../../services/visualizer/moment.ts'
import { encode, unpack } from '../../shared/codec.ts'
import type { Step } from '../../shared/trace.ts'

type Options = ConstructorParameters<typeof SimulatedCluster>[0]

/** What hears steps, and keeps them. */
export function newChronicle(): { chronicle: Chronicle; hear: (step: Step) => void } {
  const steps = new PackedSteps()
  const chronicle = new Chronicle(steps)
  const hear = (spoken: Step) => {
    // As it comes from the bus.
    const step = unpack(encode(spoken)) as unknown as Step
    steps.keep(chronicle.length, step)
    chronicle.append(step)
  }
  return { chronicle, hear }
}

export function watchedCluster(options: Options = {}): { cluster: SimulatedCluster; chronicle: Chronicle } {
  const { chronicle, hear } = newChronicle()
  return { cluster: new SimulatedCluster({ ...options, onStep: hear }), chronicle }
}

/** The moment just after a step. */
export function momentAt(chronicle: Chronicle, position = chronicle.last): Moment {
  const world = chronicle.head.copy()
  world.goTo(position)
  return { chronicle, world, position, at: chronicle.time(position), roles: [], policy: undefined }
}
