/** One machine in equal parts, one for each slave on it. */
import { countPorts, pickPorts, type Resources, subtract } from '../../../shared/resources.ts'

/** What is left over by dividing is nobody's. No port is in two parts. */
export function shareOut(machine: Resources, slaves: number): Resources[] {
  const ports = Math.floor(countPorts(machine.ports) / slaves)
  const amounts = {
    cpuMilli: Math.floor(machine.cpuMilli / slaves),
    memMb: Math.floor(machine.memMb / slaves),
    diskMb: Math.floor(machine.diskMb / slaves),
    gpus: Math.floor(machine.gpus / slaves),
  }
  let left = machine
  return Array.from({ length: slaves }, () => {
    const picked = pickPorts(left.ports, ports)
    const part = picked?.length ? { ...amounts, ports: picked } : amounts
    left = subtract(left, part)
    return part
  })
}
