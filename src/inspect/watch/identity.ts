import { formatEnd, isInetEnd } from '../ends.ts'
import type { SocketRecord } from '../types.ts'

/** What a socket is known by from one look to the next. */
export type SocketKey = number | string

/**
 * Names a socket so that the next look knows it again: by the kernel's own number where the source
 * has it, for that survives FIN_WAIT_2 and TIME_WAIT (a number where it fits, which is faster). Else
 * a connection is known by its two ends, which stay as well, and all others by their inode or place.
 */
export function keyOf(record: SocketRecord): SocketKey {
  const { cookie, netns } = record
  const key = cookie === undefined ? keyWithoutCookie(record) : numberOf(cookie)
  return netns === undefined ? key : `${netns.inode ?? netns.name} ${key}`
}

/** Cookies are counted from 1: one that does not fit comes from a machine that runs for ages. */
function numberOf(cookie: bigint): SocketKey {
  const number = Number(cookie)
  return Number.isSafeInteger(number) ? number : `${cookie}`
}

function keyWithoutCookie({ protocol, local, remote, inode, state }: SocketRecord): string {
  if (isInetEnd(remote)) return `${protocol} ${formatEnd(local)} ${formatEnd(remote)}`
  return inode === 0 ? `${protocol} ${state} ${formatEnd(local)}` : `${protocol} #${inode}`
}
