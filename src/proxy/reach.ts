import type { InetAddress } from '../address.ts'
import type { TargetList } from './target-list.ts'
import { isOfThisMachine } from './this-machine.ts'
import type { ProxyTarget } from './types.ts'

/** What a proxy may connect to. */
export interface ReachRules {
  /** Default: whatever is asked for. */
  readonly targets?: TargetList | undefined
  /**
   * Keeps off this machine's own addresses and off link-local ones, unless a target singles them out:
   * for a proxy that others can use.
   */
  readonly sparesThisMachine?: boolean | undefined
}

/**
 * Which addresses a target may have, to be connected to. They have to be asked about after the name
 * was looked up, and connected to as they are: a name may have others the next moment.
 *
 * @returns undefined where any will do, and nobody has to look
 */
export function reachOf(
  target: ProxyTarget,
  { targets, sparesThisMachine = false }: ReachRules,
): ((address: InetAddress) => boolean) | undefined {
  if (targets?.singlesOut(target) === true) return undefined
  const isNamed = targets === undefined || targets.names(target)
  if (isNamed && !sparesThisMachine) return undefined
  return address => {
    if (!isNamed && !targets.reaches(address)) return false
    if (!sparesThisMachine || !isOfThisMachine(address)) return true
    return targets?.pointsAt(address) === true
  }
}
