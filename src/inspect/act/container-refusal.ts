import { portOf } from '../ends.ts'
import type { EngineContainer, Engines } from '../owners/container/engine.ts'
import { standInOf } from '../owners/container/stand-in.ts'
import { joined } from '../views/report-words.ts'
import { stopCommand } from '../views/stop-command.ts'
import type { Candidate, Refusal } from './refusal.ts'

/**
 * Says for which containers a process holds its ports, and what stops them, where an engine knows
 * that of each port. A refusal for another reason, or where no engine knows it, stays as it is.
 */
export async function tellContainers(
  refusal: Refusal | undefined,
  { words, doors }: Pick<Candidate, 'words' | 'doors'>,
  engines: Engines,
): Promise<Refusal | undefined> {
  if (refusal?.engine === undefined) return refusal
  const standIn = standInOf(words)
  const ports = [...new Set(doors.map(({ local }) => portOf(local) ?? 0))]
  const found =
    standIn?.kind === 'conmon' && standIn.containerId !== undefined
      ? [await engines.find(standIn.containerId)]
      : await Promise.all(ports.map(port => engines.publishing(port)))
  const known = found.filter(one => one !== undefined)
  if (known.length === 0 || known.length < found.length) return refusal
  const containers = [...new Map(known.map(one => [one.id, one])).values()]
  const { engine } = refusal
  return {
    ...refusal,
    reason: reasonOf(containers, ports.length),
    instead: [...new Set(containers.map(one => stopCommand(one, engine)))].join(' && '),
  }
}

function reasonOf(containers: readonly EngineContainer[], ports: number): string {
  const named = containers.map(
    ({ name, image }) => `"${name}"${image === undefined ? '' : ` (${image})`}`,
  )
  const [port, them] = ports === 1 ? ['port', 'it'] : ['ports', 'them']
  const which = containers.length === 1 ? 'container' : 'containers'
  return `it holds the ${port} for the ${which} ${joined(named)}, which would lose ${them}`
}
