import { readFileSync } from 'node:fs'
import { SockctlError } from '../../errors.ts'
import { isOfNamespace, readCounters } from '../counters/read.ts'
import type { SystemNumbers } from '../rules/types.ts'

/**
 * Makes what rules ask about the machine from proc(5). Counters are read at once, because they belong
 * to the moment of a look; settings when they are asked for. Other systems than Linux have neither.
 *
 * @param procRoot where proc(5) is mounted
 */
export function systemNumbers(procRoot: string): SystemNumbers {
  const counters = readNumbers(procRoot)
  const settingText: SystemNumbers['settingText'] = path =>
    isOfNamespace(procRoot, `sys/${path}`) ? read(`${procRoot}/sys/${path}`)?.trim() : undefined
  return {
    counter: name => counters.get(name),
    settingText,
    setting(path) {
      const numbers = settingText(path)?.split(/\s+/).map(Number)
      return numbers?.every(Number.isFinite) ? numbers : undefined
    },
  }
}

/** What grows between two looks is small enough for numbers. */
function readNumbers(procRoot: string): ReadonlyMap<string, number> {
  try {
    const { counters } = readCounters({ procRoot, now: () => new Date() })
    return new Map(counters.map(({ name, value }) => [name, Number(value)]))
  } catch (error) {
    if (error instanceof SockctlError) return new Map()
    throw error
  }
}

/** A file that is not there, or not for us, tells nothing. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
