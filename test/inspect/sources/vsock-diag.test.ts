import { describe, expect, it } from 'vitest'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import type { DumpRequest } from '../../../src/inspect/sources/netlink.ts'
import { dump } from '../../../src/inspect/sources/netlink.ts'
import { vsockDump } from '../../../src/inspect/sources/vsock-diag.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { done, message, ScriptedKernel } from '../../support/netlink.ts'
import { numbers } from '../../support/netlink-attributes.ts'

const states = new Set(ALL_STATES)

function items(request: DumpRequest<SocketRecord>, ...payload: Uint8Array[]) {
  return dump(new ScriptedKernel([message(20, Buffer.concat(payload)), done()]), request).items
}

describe('vsockDump', () => {
  it('reads sockets', () => {
    const entry = (state: number) => [
      Uint8Array.of(40, 1, state, 2),
      numbers(3, 1024, 2, 50_000, 4711, 9, 0),
    ]
    expect(items(vsockDump(states), ...entry(1))).toMatchObject([
      {
        protocol: 'vsock',
        state: 'established',
        local: { family: 'vsock', cid: 3, port: 1024 },
        remote: { family: 'vsock', cid: 2, port: 50_000 },
        receiveQueue: undefined,
        inode: 4711,
        cookie: 9n,
        shutdown: 'send',
      },
    ])
    expect(items(vsockDump(states), ...entry(10))).toMatchObject([
      { state: 'listen', remote: undefined },
    ])
    expect(items(vsockDump(states), ...entry(14))).toEqual([])
  })
})
