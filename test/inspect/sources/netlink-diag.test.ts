import { describe, expect, it } from 'vitest'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import type { DumpRequest } from '../../../src/inspect/sources/netlink.ts'
import { dump } from '../../../src/inspect/sources/netlink.ts'
import { netlinkDump } from '../../../src/inspect/sources/netlink-diag.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { done, message, ScriptedKernel } from '../../support/netlink.ts'
import { numbers } from '../../support/netlink-attributes.ts'

const states = new Set(ALL_STATES)

function items(request: DumpRequest<SocketRecord>, ...payload: Uint8Array[]) {
  return dump(new ScriptedKernel([message(20, Buffer.concat(payload)), done()]), request).items
}

describe('netlinkDump', () => {
  it('reads sockets', () => {
    const entry = (state: number) => [
      Uint8Array.of(16, 3, 15, state),
      numbers(8905, 1, 0, 4711, 9, 0),
    ]
    expect(items(netlinkDump(states), ...entry(0))).toMatchObject([
      {
        protocol: 'netlink',
        state: 'unconnected',
        local: { family: 'netlink', protocol: 15, port: 8905 },
        remote: undefined,
        receiveQueue: undefined,
        inode: 4711,
        cookie: 9n,
      },
    ])
    expect(items(netlinkDump(states), ...entry(1))).toMatchObject([
      { state: 'established', remote: { port: 1 } },
    ])
    expect(items(netlinkDump(new Set(['unconnected'])), ...entry(1))).toEqual([])
  })
})
