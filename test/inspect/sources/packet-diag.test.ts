import { describe, expect, it } from 'vitest'
import type { DumpRequest } from '../../../src/inspect/sources/netlink.ts'
import { dump } from '../../../src/inspect/sources/netlink.ts'
import { packetDump } from '../../../src/inspect/sources/packet-diag.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { done, message, ScriptedKernel } from '../../support/netlink.ts'
import { attribute, numbers } from '../../support/netlink-attributes.ts'

function items(request: DumpRequest<SocketRecord>, ...payload: Uint8Array[]) {
  return dump(new ScriptedKernel([message(20, Buffer.concat(payload)), done()]), request).items
}

describe('packetDump', () => {
  it('reads sockets', () => {
    const info = attribute(0, numbers(2, 0, 0, 0, 0, 0))
    const memory = attribute(6, numbers(10, 20, 0, 30, 0, 0, 0, 0, 4))
    const head = [Uint8Array.of(17, 3), new Uint8Array(new Uint16Array([0x88b5]).buffer)]
    const entry = [...head, numbers(4711, 9, 0), info, attribute(5, numbers(1000)), memory]
    expect(items(packetDump(), ...entry)).toMatchObject([
      {
        protocol: 'packet',
        state: 'unconnected',
        local: { family: 'packet', protocol: 0x88b5, interfaceIndex: 2 },
        receiveQueue: 10,
        sendQueue: 0,
        inode: 4711,
        uid: 1000,
        cookie: 9n,
        interfaceIndex: 2,
        drops: 4,
      },
    ])
  })
})
