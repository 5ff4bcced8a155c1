import { resolve } from 'node:path'
import { portOfService } from '../../../../endpoint/service-names.ts'
import { usageError } from '../../../../errors.ts'
import { parseTarget } from '../../../../inspect/explain/target.ts'
import { parsePorts } from '../../../../inspect/select/ports.ts'
import type { InspectFlags } from '../question.ts'

/** What is to be freed. */
export interface FreeTarget {
  /** In the order in which they were typed, each once. */
  readonly ports: readonly number[]
  /** Paths of unix sockets, absolute. */
  readonly paths: readonly string[]
}

/** More are not what anybody looks over before saying yes. */
const MOST_PORTS = 32

/**
 * Reads what `--free` is to free: ports, and paths as `unix:/path` or `/path`.
 *
 * @throws ERR_USAGE for nothing, for what is neither, and for flags that would choose otherwise
 */
export function readFreeTarget(words: readonly string[], flags: InspectFlags): FreeTarget {
  refuseOtherChoices(flags)
  const paths = words.filter(isPath).map(word => pathOf(word))
  const ranges = [
    ...words.filter(word => !isPath(word)).flatMap(word => parsePorts(word, portOfService)),
    ...(flags.port ?? []).flat(),
  ]
  const count = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  if (count > MOST_PORTS) throw usageError(`--free takes at most ${MOST_PORTS} ports, not ${count}`)
  const ports = ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  )
  if (ports.length + paths.length === 0) {
    throw usageError('--free needs a port', 'As in: sockctl inspect 3000 --free')
  }
  return { ports: [...new Set(ports)], paths: [...new Set(paths)] }
}

function isPath(word: string): boolean {
  return /^(?:unix:|[/@])/.test(word)
}

function pathOf(word: string): string {
  const target = parseTarget(word)
  const path = target?.kind === 'unix' ? target.path : word
  if (path.startsWith('@')) {
    throw usageError(
      `${word} has no file that could be left behind`,
      'Who holds it: sockctl inspect -xlp',
    )
  }
  return resolve(path)
}

/** Flags that would choose processes or places: here the port alone says what is meant. */
function refuseOtherChoices(flags: InspectFlags): void {
  const chosen = (['pid', 'process', 'state', 'filterFile', 'listening', 'all'] as const).find(
    name => flags[name] !== undefined,
  )
  if (chosen !== undefined) {
    throw usageError(
      '--free takes ports, and stops who listens there: no other choice goes with it',
      'To end connections: sockctl inspect ... --close',
    )
  }
  const { netns, container } = flags
  if (container !== undefined) {
    throw usageError(
      '--free stops processes of this machine, not in containers',
      `Stop the container: docker stop ${container}`,
    )
  }
  if (netns !== undefined) {
    throw usageError(
      '--free works in its own network namespace only',
      `Run it in there: ip netns exec ${netns} sockctl inspect ... --free`,
    )
  }
  if (flags.proc !== undefined) {
    throw usageError('--free stops processes of this machine: --proc does not go with it')
  }
}
