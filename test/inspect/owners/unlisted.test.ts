import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { plainTables } from '../../../src/inspect/owners/descriptor-tables.ts'
import { unlistedSockets } from '../../../src/inspect/owners/unlisted.ts'

describe.skipIf(process.platform !== 'linux')('unlistedSockets', () => {
  it('finds the sockets of a process that are not listed', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const client: Socket = connect(port, '127.0.0.1')
    await once(client, 'connect')
    const mine = (isListed: (inode: number) => boolean) =>
      unlistedSockets(
        '/proc',
        { isListed, heldBy: new Map() },
        { least: 1, tables: plainTables },
      ).find(({ pid }) => pid === process.pid)
    const all = mine(() => false)?.inodes ?? []
    expect(all.length).toBeGreaterThanOrEqual(2)
    expect(mine(inode => inode !== all[0])?.inodes).toEqual([all[0]])
    expect(mine(() => true)).toBeUndefined()
    client.destroy()
    server.close()
  })

  it('is silent about fewer than a few, and where there is no proc(5)', () => {
    const none = { isListed: () => false, heldBy: new Map<number, number>() }
    expect(unlistedSockets('/proc', none, { least: 1_000_000, tables: plainTables })).toEqual([])
    expect(unlistedSockets('/nowhere', none, { least: 1, tables: plainTables })).toEqual([])
    const all = { isListed: () => false, heldBy: new Map([[process.pid, 1_000_000]]) }
    expect(
      unlistedSockets('/proc', all, { least: 1, tables: plainTables }).map(({ pid }) => pid),
    ).not.toContain(process.pid)
  })
})
