import { closeSync, openSync } from 'node:fs'
import { getSystemErrorName } from 'node:util'
import { systemError } from '../../errors.ts'
import type { Libc } from '../../native/libc.ts'
import type { NetlinkLibc } from '../sources/netlink.ts'

/** What of the C library is needed to go into a namespace. */
export type EnteringLibc = NetlinkLibc & Pick<Libc, 'setns'>

/** linux/sched.h */
const CLONE_NEWNET = 0x40000000

/**
 * Uses the C library with sockets that are made in another network namespace, where they stay: the
 * thread itself is there only while it makes one. All three calls follow each other at once, so that
 * nothing else of this program gets there with it: threads that begin meanwhile would.
 *
 * @param file a namespace: /run/netns/NAME, /proc/PID/ns/net
 * @param use works at once, and gives no promise
 * @throws ERR_DENIED, ERR_NOT_FOUND when it cannot be opened. What setns(2) says instead is said by
 *   errno() after a `socket()` of -1: EPERM without CAP_SYS_ADMIN there and here
 */
export function withinNamespace<T>(
  libc: EnteringLibc,
  file: string,
  use: (libc: NetlinkLibc) => T,
): T {
  const home = openNamespace('/proc/thread-self/ns/net')
  try {
    const there = openNamespace(file)
    try {
      return use(enteringLibc(libc, { home, there }))
    } finally {
      closeSync(there)
    }
  } finally {
    closeSync(home)
  }
}

function openNamespace(file: string): number {
  try {
    return openSync(file, 'r')
  } catch (error) {
    throw systemError(`cannot open the network namespace ${file}`, error)
  }
}

function enteringLibc(
  libc: EnteringLibc,
  { home, there }: { readonly home: number; readonly there: number },
): NetlinkLibc {
  let errno: number | undefined
  return {
    ...libc,
    socket(domain, type, protocol) {
      errno = undefined
      if (libc.setns(there, CLONE_NEWNET) < 0) return -1
      const fd = libc.socket(domain, type, protocol)
      if (fd < 0) errno = libc.errno()
      if (libc.setns(home, CLONE_NEWNET) < 0) throw cannotReturn(libc.errno())
      return fd
    },
    errno: () => errno ?? libc.errno(),
  }
}

/** No failure that anybody could go on after: all that is asked from here on is asked elsewhere. */
function cannotReturn(errno: number): Error {
  const name = getSystemErrorName(-errno)
  return new Error(
    `cannot return to the own network namespace (setns: ${name}): nothing more is true`,
  )
}
