import type { SocketRecord } from '../types.ts'

/**
 * Reads the text of /proc/net/packet. Headings and lines that are cut off are left out.
 *
 * Source: packet_seq_show() in net/packet/af_packet.c.
 */
export function parsePacketTable(text: string): SocketRecord[] {
  return [...text.matchAll(LINE)].map(line => {
    const [, protocol = '', device, received, uid, inode] = line
    const interfaceIndex = Number(device)
    return {
      protocol: 'packet',
      family: 'packet',
      state: 'unconnected',
      local: { family: 'packet', protocol: Number.parseInt(protocol, 16), interfaceIndex },
      remote: undefined,
      receiveQueue: Number(received),
      sendQueue: undefined,
      inode: Number(inode),
      uid: Number(uid),
      timer: undefined,
      cookie: undefined,
      interfaceIndex,
      unix: undefined,
    }
  })
}

/** `sk RefCnt Type Proto Iface R Rmem User Inode`, decimal but for the address and the protocol. */
const LINE = /^[\da-fA-F]+ +\d+ +\d+ +([\da-fA-F]{4}) +(\d+) +\d +(\d+) +(\d+) +(\d+)(?!\S)/gm
