import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type BindResult,
  type Door,
  doorOf,
  probeBinds,
  probeReleased,
} from '../../../src/inspect/explain/bind-probe.ts'
import { openBriefly } from '../../../src/inspect/explain/open-briefly.ts'
import { hasPeer } from '../../support/peers.ts'
import { address, record } from '../../support/records.ts'

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some(one => one?.family === 'IPv6')

const open: { close(): unknown }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

async function listening(
  host: string,
  ipv6Only = false,
): Promise<{ server: Server; port: number }> {
  const server = createServer().listen({ host, port: 0, ipv6Only })
  open.push(server)
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

async function resultsOf(...doors: Door[]): Promise<BindResult[]> {
  return (await probeBinds(doors)).map(({ result }) => result)
}

describe('probeBinds', () => {
  it('finds a TCP port taken while somebody listens, and free after', async () => {
    const { server, port } = await listening('127.0.0.1')
    const door = { protocol: 'tcp' as const, host: '127.0.0.1', port }
    expect(await probeBinds([door])).toEqual([
      { host: '127.0.0.1', result: 'in-use', errno: 'EADDRINUSE' },
    ])
    server.close()
    await once(server, 'close')
    expect(await resultsOf(door, door)).toEqual(['ok', 'ok'])
  })

  it('finds a UDP port taken, which that of TCP is not', async () => {
    // A number that is free as one of TCP too.
    const { port, server } = await listening('127.0.0.1')
    await once(server.close(), 'close')
    const socket = createSocket('udp4').bind(port, '127.0.0.1')
    await once(socket, 'listening')
    const udp = { protocol: 'udp' as const, host: '127.0.0.1', port }
    expect(await resultsOf(udp, { ...udp, protocol: 'tcp' })).toEqual(['in-use', 'ok'])
    socket.close()
    await once(socket, 'close')
    expect(await resultsOf(udp)).toEqual(['ok'])
  })

  it.skipIf(!hasIPv6)('leaves IPv4 to others where it is to be IPv6 only', async () => {
    const { port } = await listening('127.0.0.1')
    const udp = createSocket('udp4').bind(port, '127.0.0.1')
    open.push(udp)
    await once(udp, 'listening')
    for (const protocol of ['tcp', 'udp'] as const) {
      const door = { protocol, host: '::', port }
      expect(await resultsOf(door, { ...door, isV6only: true })).toEqual(['in-use', 'ok'])
      expect([await openBriefly(door), await openBriefly({ ...door, isV6only: true })]).toEqual([
        'EADDRINUSE',
        undefined,
      ])
    }
  })

  it('tells what is not of this machine, and what cannot be tried', async () => {
    const of = (host: string): Door => ({ protocol: 'tcp', host, port: 47_113 })
    expect(await resultsOf(of('192.0.2.1'), of('fe80::1%nope'), of('fe80::1'))).toEqual([
      ...['not-local', 'not-local', 'failed'],
    ])
  })

  it.skipIf(!hasPeer('prlimit'))('says so when there is no descriptor left', async () => {
    const door = { protocol: 'tcp' as const, host: '127.0.0.1', port: 47_113 }
    await probeBinds([door])
    const limit = (soft: string): unknown =>
      execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${soft}:`])
    const before = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()
    limit('400')
    const fillers: number[] = []
    try {
      for (let i = 0; i < 400; i++) fillers.push(openSync('/dev/null', 'r'))
    } catch {
      // None is left, which was the aim.
    }
    const trials = await probeBinds([door])
    for (const fd of fillers) closeSync(fd)
    limit(before)
    expect(trials).toEqual([{ host: '127.0.0.1', result: 'failed', errno: 'EMFILE' }])
  })
})

describe('probeReleased', () => {
  it('waits a moment for a port that is being let go', async () => {
    const { server, port } = await listening('127.0.0.1')
    const trials = probeReleased([{ protocol: 'tcp', host: '127.0.0.1', port }])
    setImmediate(() => server.close())
    expect(await trials).toMatchObject([{ result: 'ok' }])
  })

  it('says that it is taken when it is not let go', async () => {
    const { port } = await listening('127.0.0.1')
    const door = { protocol: 'tcp' as const, host: '127.0.0.1', port }
    expect(await probeReleased([door], 2)).toMatchObject([{ result: 'in-use' }])
  })
})

describe('doorOf', () => {
  it.each([
    [record(), { protocol: 'tcp', host: '127.0.0.1', port: 8080 }],
    [record({ protocol: 'mptcp' }), { protocol: 'tcp', host: '127.0.0.1', port: 8080 }],
    [
      record({ protocol: 'udp', family: 'ipv6', local: address('[::ffff:127.0.0.1]:53') }),
      { protocol: 'udp', host: '127.0.0.1', port: 53 },
    ],
    [
      record({ family: 'ipv6', local: address('[fe80::1]:80'), interfaceIndex: 3 }),
      { protocol: 'tcp', host: 'fe80::1%3', port: 80 },
    ],
    [record({ protocol: 'raw' }), undefined],
    [record({ local: { family: 'unix', path: '/s' } }), undefined],
  ])('tells what a socket has', (one, door) => {
    expect(doorOf(one)).toEqual(door)
  })
})
