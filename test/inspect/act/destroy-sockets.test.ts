import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mayAdministerNetwork } from '../../../src/inspect/act/capability.ts'
import { destroySocket, isDestroyable } from '../../../src/inspect/act/destroy-sockets.ts'
import { portOf } from '../../../src/inspect/ends.ts'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import { takeSnapshot } from '../../../src/inspect/snapshot.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { type Libc, loadLibc } from '../../../src/native/libc.ts'
import { error, message, ScriptedKernel } from '../../support/netlink.ts'
import { connection, record } from '../../support/records.ts'

describe('isDestroyable', () => {
  const one = connection('127.0.0.1:80', '127.0.0.1:5000')

  it('is a connection whose cookie is known', () => {
    expect(isDestroyable(one)).toBe(true)
    expect(isDestroyable({ ...one, cookie: undefined })).toBe(false)
  })

  it.each(['listen', 'bound-inactive', 'unconnected'] as const)('is none in state %s', state => {
    expect(isDestroyable(record({ state, remote: undefined }))).toBe(false)
    expect(isDestroyable({ ...one, state })).toBe(false)
  })
})

describe('destroySocket', () => {
  it('names the socket by its addresses as they stand, and by its cookie', () => {
    const kernel = new ScriptedKernel([error(0)])
    const one = connection('127.0.0.1:80', '10.1.2.3:5000', {
      protocol: 'udp',
      cookie: 0x1122334455667788n,
      interfaceIndex: 3,
    })
    expect(destroySocket(kernel, one)).toBe('closed')
    const [request = Buffer.alloc(0)] = kernel.requests
    expect(request.readUInt16LE(4)).toBe(21)
    expect(request.readUInt16LE(6)).toBe(1 | 4)
    const payload = request.subarray(16)
    expect([payload[0], payload[1]]).toEqual([2, 17])
    expect([payload.readUInt16BE(8), payload.readUInt16BE(10)]).toEqual([80, 5000])
    expect([...payload.subarray(12, 16)]).toEqual([127, 0, 0, 1])
    expect([...payload.subarray(28, 32)]).toEqual([10, 1, 2, 3])
    expect(payload.readUInt32LE(44)).toBe(3)
    expect(payload.readBigUInt64LE(48)).toBe(0x1122334455667788n)
    expect(kernel.open.size).toBe(0)
  })

  it('tells what became of it', () => {
    const one = connection('127.0.0.1:80', '127.0.0.1:5000')
    const outcome = (status: number) => destroySocket(new ScriptedKernel([error(status)]), one)
    expect(outcome(-2)).toBe('vanished')
    expect(outcome(-1)).toBe('denied')
    expect(outcome(-95)).toBe('unsupported')
    expect(outcome(-22)).toBe('failed')
  })

  it('asks the kernel nothing about a listener', () => {
    const kernel = new ScriptedKernel()
    expect(destroySocket(kernel, record())).toBe('unsupported')
    expect(kernel.requests).toEqual([])
  })

  it('does not take an answer that says nothing for a success', () => {
    const kernel = new ScriptedKernel([message(20)])
    const one = connection('127.0.0.1:80', '127.0.0.1:5000')
    expect(() => destroySocket(kernel, one)).toThrow(/no word of what was asked for/)
    expect(() => destroySocket(new ScriptedKernel(['EINVAL']), one)).toThrow(/cannot end/)
  })
})

const load = await loadLibc()
const libc: Libc | undefined = 'libc' in load ? load.libc : undefined

describe.runIf(libc !== undefined && mayAdministerNetwork())('destroySocket, for real', () => {
  let server: Server
  let accepted: Socket
  let client: Socket

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    ;[accepted] = (await once(server, 'connection')) as [Socket]
  })

  afterEach(() => {
    for (const socket of [client, accepted]) socket.destroy()
    server.close()
  })

  it('ends a connection, and then finds it gone without hitting its listener', async () => {
    const { port } = server.address() as AddressInfo
    const one = await find('tcp', port)
    const lost = [once(accepted, 'error'), once(client, 'error')]
    expect(destroySocket(libc as Libc, one)).toBe('closed')
    expect((await Promise.all(lost)).map(([cause]) => cause.code)).toEqual([
      'ECONNABORTED',
      'ECONNRESET',
    ])
    expect(destroySocket(libc as Libc, one)).toBe('vanished')
    const next = connect(port, '127.0.0.1')
    const [again] = await once(server, 'connection')
    again.destroy()
    next.destroy()
  })

  it('ends a connected UDP socket by its addresses as they stand', async () => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    socket.connect(9, '127.0.0.1')
    await once(socket, 'connect')
    const one = await find('udp', socket.address().port)
    expect(destroySocket(libc as Libc, one)).toBe('closed')
    await once(socket, 'error')
    socket.close()
  })
})

async function find(protocol: 'tcp' | 'udp', port: number): Promise<SocketRecord> {
  const { records } = await takeSnapshot({
    wanted: {
      protocols: new Set([protocol]),
      families: new Set(['ipv4']),
      states: new Set(ALL_STATES),
    },
    source: 'sock-diag',
    owners: false,
    now: () => new Date(),
  })
  const one = records.find(({ local, state }) => portOf(local) === port && state === 'established')
  if (one === undefined) throw new Error(`there is no connection on port ${port}`)
  return one
}
