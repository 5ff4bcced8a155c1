import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { trialBind } from '../../../src/inspect/act/trial-bind.ts'
import { address } from '../../support/records.ts'

it('finds a TCP port taken while somebody listens, and free after', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const local = address(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  const door = { protocol: 'tcp' as const, local }
  expect(await trialBind(door, 1)).toBe('EADDRINUSE')
  server.close()
  await once(server, 'close')
  expect(await trialBind(door)).toBe('free')
  expect(await trialBind(door)).toBe('free')
})

it('finds a UDP port taken, and free after', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const door = { protocol: 'udp' as const, local: address(`127.0.0.1:${socket.address().port}`) }
  expect(await trialBind(door, 1)).toBe('EADDRINUSE')
  socket.close()
  await once(socket, 'close')
  expect(await trialBind(door)).toBe('free')
})

it('waits a moment for a port that is being let go', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const local = address(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  const verdict = trialBind({ protocol: 'tcp', local })
  setImmediate(() => server.close())
  expect(await verdict).toBe('free')
})

it('says that an address is not of this machine', async () => {
  expect(await trialBind({ protocol: 'tcp', local: address('192.0.2.1:8080') })).toBe(
    'EADDRNOTAVAIL',
  )
})
