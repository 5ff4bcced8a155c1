import type { SocketRecord } from '../types.ts'

/**
 * Reads the text of /proc/net/netlink, which does not tell connected sockets from others. Headings
 * and lines that are cut off are left out.
 *
 * Source: netlink_native_seq_show() in net/netlink/af_netlink.c.
 */
export function parseNetlinkTable(text: string): SocketRecord[] {
  return [...text.matchAll(LINE)].map(line => {
    const [, protocol, port, received, sent, drops, inode] = line
    return {
      protocol: 'netlink',
      family: 'netlink',
      state: 'unconnected',
      local: { family: 'netlink', protocol: Number(protocol), port: Number(port) },
      remote: undefined,
      receiveQueue: Number(received),
      sendQueue: Number(sent),
      inode: Number(inode),
      uid: undefined,
      timer: undefined,
      cookie: undefined,
      interfaceIndex: undefined,
      unix: undefined,
      drops: Number(drops),
    }
  })
}

/** `sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode`, decimal but for address and groups. */
const LINE =
  /^[\da-fA-F]+ +(\d+) +(\d+) +[\da-fA-F]{8} +(\d+) +(\d+) +\S+ +\d+ +(\d+) +(\d+)(?!\S)/gm
