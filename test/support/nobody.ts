import { hasPeer } from './peers.ts'

/** Whether a command can be run by a user without any rights: skip by name without it. */
export const canBeNobody =
  process.platform === 'linux' && process.getuid?.() === 0 && hasPeer('setpriv')

/** What to put before a command so that nobody runs it, inside of what else is put before it. */
export function asNobody(inside: readonly string[] = []): readonly string[] {
  return [...inside, 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
}
