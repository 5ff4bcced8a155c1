import { SockctlError } from '../../../errors.ts'
import { readIds } from '../descriptors.ts'
import { placementOfProcess } from '../places.ts'
import type { Engines } from './engine.ts'
import { shortId } from './short-id.ts'

/** A container that runs here. */
export interface RunningContainer {
  readonly id: string
  /** Its name, where an engine told it, or the id is one; else its first 12 digits. */
  readonly name: string
  /** A process in it. */
  readonly pid: number
}

/** What nobody takes for a part of a name. */
const SHORTEST_ID = 4

/**
 * Finds a running container by its name, or by the beginning of its id. Ids stand in the cgroups of
 * its processes; names of Docker and Podman only their engines know.
 *
 * @param options.procRoot where proc(5) is mounted
 * @throws ERR_NOT_FOUND when there is none, ERR_USAGE when several begin like this
 */
export async function findContainer(
  nameOrId: string,
  {
    engines,
    procRoot = '/proc',
  }: { readonly engines: Pick<Engines, 'find'>; readonly procRoot?: string },
): Promise<RunningContainer> {
  const running = containersIn(procRoot)
  const isDigits = nameOrId.length >= SHORTEST_ID && /^[\da-f]+$/.test(nameOrId)
  const found = [...running].filter(
    ([id]) => id === nameOrId || (isDigits && id.startsWith(nameOrId)),
  )
  if (found.length > 1) {
    const ids = found.map(([id]) => shortId(id)).join(', ')
    throw new SockctlError('ERR_USAGE', `several containers begin with ${nameOrId}: ${ids}`)
  }
  const [first] = found
  if (first !== undefined) {
    const [id, pid] = first
    return { id, pid, name: (await engines.find(id))?.name ?? shortId(id) }
  }
  const told = await engines.find(nameOrId)
  const pid = told && (running.get(told.id) ?? told.pid)
  if (told !== undefined && pid !== undefined) return { id: told.id, name: told.name, pid }
  throw notFound(nameOrId, { isStopped: told !== undefined, ids: [...running.keys()] })
}

/** The containers of which a process can be seen, each with its lowest pid. */
function containersIn(procRoot: string): ReadonlyMap<string, number> {
  const containers = new Map<string, number>()
  for (const pid of readIds(procRoot).sort((a, b) => a - b)) {
    const id = placementOfProcess(pid, procRoot)?.container?.id
    if (id !== undefined && !containers.has(id)) containers.set(id, pid)
  }
  return containers
}

function notFound(
  nameOrId: string,
  { isStopped, ids }: { readonly isStopped: boolean; readonly ids: readonly string[] },
): SockctlError {
  if (isStopped) {
    return new SockctlError('ERR_NOT_FOUND', `the container ${nameOrId} does not run`)
  }
  const hint =
    ids.length === 0
      ? 'No process that can be seen here runs in a container.'
      : `These run here: ${ids.map(shortId).join(', ')}. Names need the socket of their engine.`
  return new SockctlError('ERR_NOT_FOUND', `no container ${nameOrId} runs here`, { hints: [hint] })
}
