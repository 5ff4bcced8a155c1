import { readdirSync, readFileSync } from 'node:fs'

/**
 * Counts the descriptors that a process has open.
 *
 * @param processFolder /proc/PID
 * @throws with `code` EACCES when this user may not look, ENOENT, ESRCH when the process has ended
 */
export function countDescriptors(processFolder: string): number {
  return readdirSync(`${processFolder}/fd`).length
}

/** Reads how many it may have (RLIMIT_NOFILE, soft); undefined: as many as it likes. Throws alike. */
export function readDescriptorLimit(processFolder: string): number | undefined {
  const limits = readFileSync(`${processFolder}/limits`, 'utf8')
  const [, soft] = /^Max open files +(\d+)/m.exec(limits) ?? []
  return soft === undefined ? undefined : Number(soft)
}
