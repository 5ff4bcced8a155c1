import type { SocketRecord } from '../types.ts'

/**
 * Whether a socket is the kernel's own: of netlink sockets the one with port 0 (netlink(7)). It has an
 * inode, but there is no process to look for.
 */
export function isOfKernel({ local }: Pick<SocketRecord, 'local'>): boolean {
  return local.family === 'netlink' && local.port === 0
}
