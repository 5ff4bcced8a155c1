import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { portOf } from '../../../src/inspect/ends.ts'
import { ownershipIn } from '../../../src/inspect/explain/ownership.ts'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import type { SocketRecord, SocketState, SourceName } from '../../../src/inspect/types.ts'
import { type Beat, SelectedWatch } from '../../../src/inspect/watch/selected-watch.ts'
import { SocketWatch } from '../../../src/inspect/watch/socket-watch.ts'

const held: Socket[] = []
const servers: Server[] = []

afterEach(() => {
  for (const socket of held.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true }, socket => {
    held.push(socket.on('error', () => {}))
  })
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { server, port: (server.address() as { port: number }).port }
}

async function connected(server: Server, port: number): Promise<{ client: Socket; peer: Socket }> {
  const accepted = once(server, 'connection')
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
  held.push(client)
  const [[peer]] = await Promise.all([accepted, once(client, 'connect')])
  return { client, peer }
}

/** Watches what stands on a port, of a source, as one who holds all of it himself. */
function watchPort(port: number, source: SourceName): SelectedWatch {
  const stands = ({ local, remote }: SocketRecord): boolean =>
    portOf(local) === port || portOf(remote) === port
  const watch = new SocketWatch({
    wanted: {
      protocols: new Set(['tcp']),
      families: new Set(['ipv4']),
      states: new Set(ALL_STATES),
    },
    owners: stands,
    source,
    now: () => new Date(),
    ownerShare: 1,
  })
  return new SelectedWatch(watch, async (snapshot, remember) => ({
    records: snapshot.records.filter(stands),
    ownershipOf: remember(ownershipIn(snapshot, process.getuid?.())),
  }))
}

/** `open established :1`, where `:1` is the end with the port. */
function events({ events: all }: Beat, port: number): string[] {
  return all
    .map(({ kind, socket: { stateBefore, state, record } }) => {
      const side = portOf(record.local) === port ? 'server' : 'client'
      const states: (SocketState | undefined)[] = kind === 'state' ? [stateBefore, state] : [state]
      return [kind, side, ...states].join(' ')
    })
    .sort()
}

describe.skipIf(process.platform !== 'linux').each(['sock-diag', 'procfs'] as const)(
  'SelectedWatch, by %s',
  source => {
    it('tells nothing where nothing happens', async () => {
      const { port } = await listening()
      const watch = watchPort(port, source)
      expect((await watch.look()).sockets).toHaveLength(1)
      expect((await watch.look()).events).toEqual([])
    })

    it('tells what opens, changes and closes, and who left what nobody holds', async () => {
      const { server, port } = await listening()
      const watch = watchPort(port, source)
      await watch.look()

      const { client, peer } = await connected(server, port)
      const opened = await watch.look()
      expect(events(opened, port)).toEqual(['open client established', 'open server established'])
      for (const { owners } of opened.sockets) expect(owners?.[0]?.pid).toBe(process.pid)

      const ended = once(peer.resume(), 'end')
      client.end()
      await ended
      expect(events(await watch.look(), port)).toEqual([
        'state client established fin-wait-2',
        'state server established close-wait',
      ])

      const closed = once(client.resume(), 'close')
      peer.end()
      await closed
      const over = await watch.look()
      expect(events(over, port)).toEqual([
        'close server close-wait',
        'state client fin-wait-2 time-wait',
      ])
      const left = over.sockets.find(({ state }) => state === 'time-wait')
      expect(left && over.ownershipOf?.(left.record)).toMatchObject({
        kind: 'kernel',
        leftBy: [{ pid: process.pid }],
      })
    })

    it('counts as closed what does not match any more', async () => {
      const { server, port } = await listening()
      const { peer } = await connected(server, port)
      const watch = watchPort(port, source)
      await watch.look()
      peer.resetAndDestroy()
      await once(peer, 'close')
      expect(events(await watch.look(), port)).toEqual([
        'close client established',
        'close server established',
      ])
    })
  },
)
