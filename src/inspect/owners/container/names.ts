import type { Engines } from './engine.ts'

/**
 * Asks the engines how containers are called. One that no engine knows has no name.
 *
 * @param ids whole ids
 */
export async function containerNames(
  ids: Iterable<string>,
  engines: Pick<Engines, 'find'>,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  const found = await Promise.all([...new Set(ids)].map(id => engines.find(id)))
  for (const container of found) {
    if (container !== undefined) names.set(container.id, container.name)
  }
  return names
}
