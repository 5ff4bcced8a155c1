import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type ListenOptions, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nameHolder } from '../../src/cli/in-use.ts'
import { SockctlError, systemError } from '../../src/errors.ts'
import { hasPeer } from '../support/peers.ts'
import { endPortHoldersAfterEach, holdPort } from '../support/port-holder.ts'
import { unixClients } from '../support/unix-clients.ts'

endPortHoldersAfterEach()

describe.skipIf(process.platform !== 'linux')('nameHolder', () => {
  let folder: string
  const servers: Server[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sockctl-in-use-'))
  })

  afterEach(async () => {
    for (const server of servers.splice(0)) await once(server.close(), 'close')
    rmSync(folder, { recursive: true })
  })

  async function listen(where: ListenOptions): Promise<Server> {
    const server = createServer(socket => socket.resume())
    servers.push(server)
    await once(server.listen(where), 'listening')
    return server
  }

  /** What is said of the failure to listen where somebody does. */
  async function hints(where: { path: string } | { port: number; host: string }): Promise<unknown> {
    const cause = await listen(where).catch(error => error)
    servers.pop()
    const failure = await nameHolder(systemError('cannot listen', cause)).catch(error => error)
    expect(failure).toMatchObject({ code: 'ERR_IN_USE' })
    return failure instanceof SockctlError && failure.hints
  }

  const inUse = (cause: object): SockctlError =>
    new SockctlError('ERR_IN_USE', 'cannot listen', {
      cause: Object.assign(new Error('in use'), cause),
    })

  it('names who holds a port, among others', async () => {
    await listen({ port: 0, host: '127.0.0.1' })
    const { port } = (await listen({ port: 0, host: '127.0.0.1' })).address() as AddressInfo
    expect(await hints({ port, host: '127.0.0.1' })).toEqual([
      expect.stringMatching(
        new RegExp(`^held by .* \\(pid ${process.pid}\\), listening on 127.0.0.1:${port}$`),
      ),
      `See: sockctl inspect ${port}`,
    ])
  })

  it('does not name a listener of IPv6 only as who holds an address of IPv4', async () => {
    const to = ((await listen({ port: 0, host: '127.0.0.1' })).address() as AddressInfo).port
    const client = connect({ host: '127.0.0.1', port: to })
    await once(client, 'connect')
    const port = client.localPort ?? 0
    await listen({ port, host: '::', ipv6Only: true })
    const [holder] = (await hints({ port, host: '127.0.0.1' })) as readonly string[]
    client.destroy()
    expect(holder).toContain(`: its connection to 127.0.0.1:${to} uses this port`)
  })

  it('knows that a listener of both families holds an address of IPv4', async () => {
    const { port } = (await listen({ port: 0, host: '::' })).address() as AddressInfo
    const [holder] = (await hints({ port, host: '127.0.0.1' })) as readonly string[]
    expect(holder).toMatch(
      new RegExp(`^held by .* \\(pid ${process.pid}\\), listening on \\[::\\]:`),
    )
  })

  it('names who holds a path', async () => {
    const path = join(folder, 'door')
    await listen({ path })
    expect(await hints({ path })).toEqual([
      expect.stringMatching(
        new RegExp(`^held by .* \\(pid ${process.pid}\\), listening on ${path}$`),
      ),
      `See: sockctl inspect unix:${path}`,
    ])
  })

  it.runIf(hasPeer('python3'))('names who has bound a path and does not listen', async () => {
    const { pid } = await holdPort(['python3', '-c', unixClients(folder)])
    const path = join(folder, 'bound')
    const failure = await nameHolder(inUse({ address: path })).catch(error => error)
    expect(failure.hints).toEqual([
      `held by python3 (pid ${pid}), bound without listening`,
      `See: sockctl inspect unix:${path}`,
    ])
    const near = await nameHolder(inUse({ address: relative('.', path) })).catch(error => error)
    expect(near.hints[0]).toBe(`held by python3 (pid ${pid}), bound without listening`)
  })

  it('leaves other errors as they are', async () => {
    const error = new SockctlError('ERR_DENIED', 'cannot listen')
    await expect(nameHolder(error)).rejects.toBe(error)
  })
})
