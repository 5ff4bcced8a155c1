import { readStat } from '../owners/process/stat.ts'

/** Deeper than any tree of processes. */
const MOST_LEVELS = 1000

/**
 * Lists a process and all above it, up to the first. Other than for people, for whom the supervisor is
 * the end, none may be left out here: what stands above is not to be stopped.
 *
 * @param procRoot where proc(5) is mounted
 */
export function chainAbove(pid: number, procRoot = '/proc'): readonly number[] {
  const chain: number[] = []
  let at = pid
  while (at > 0 && chain.length < MOST_LEVELS && !chain.includes(at)) {
    chain.push(at)
    at = parentOf(at, procRoot)
  }
  return chain
}

function parentOf(pid: number, procRoot: string): number {
  try {
    return readStat(`${procRoot}/${pid}`).parent
  } catch {
    return 0
  }
}
