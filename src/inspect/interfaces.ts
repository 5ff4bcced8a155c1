import { readdirSync, readFileSync } from 'node:fs'
import { readNetwork } from './namespaces/list.ts'
import type { NetworkNamespace } from './types.ts'

/**
 * Names a network interface by its number, in this process's network namespace; undefined for one
 * that it does not know, and for those of other namespaces, which count anew.
 */
export type InterfaceName = (index: number, netns?: NetworkNamespace) => string | undefined

/** Looks interfaces up in sysfs(5), which is read when the first name is asked for. */
export function interfaceNames(
  folder = '/sys/class/net',
  ownProcess = '/proc/self',
): InterfaceName {
  let names: ReadonlyMap<number, string> | undefined
  let own: number | undefined
  return (index, netns) => {
    if (netns !== undefined) {
      own ??= readNetwork(ownProcess)
      if (own === undefined || own !== netns.inode) return undefined
    }
    names ??= readNames(folder)
    return names.get(index)
  }
}

function readNames(folder: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const name of entriesOf(folder)) {
    const index = Number(textOf(`${folder}/${name}/ifindex`))
    if (index > 0) names.set(index, name)
  }
  return names
}

/** A system without sysfs, or a container that hides it, has no names. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** An interface may go while it is looked at, and `bonding_masters` is none. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
