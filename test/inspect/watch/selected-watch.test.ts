import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { portOf } from '../../../src/inspect/ends.ts'
import { ownershipIn } from '../../../src/inspect/explain/ownership.ts'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import type { SocketRecord, SocketState, SourceName } from '../../../src/inspect/types.ts'
import { type Beat, SelectedWatch } from '../../../src/inspect/watch/selected-watch.ts'
import { SocketWatch } from '../../../src/inspect/watch/socket-watch.ts'
import { plainRecord } from '../../support/plain-snapshot.ts'
import { listenOnQuietPort } from '../../support/quiet-port.ts'

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
  return { server, port: await listenOnQuietPort(server) }
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

/** Looks until all of this has happened; the kernel takes its own time for it. */
async function lookUntil(
  watch: SelectedWatch,
  port: number,
  patterns: readonly RegExp[],
): Promise<Beat> {
  const deadline = AbortSignal.timeout(5000)
  const seen: string[] = []
  for (;;) {
    const beat = await watch.look()
    seen.push(...events(beat, port))
    if (patterns.every(pattern => seen.some(one => pattern.test(one)))) return beat
    if (deadline.aborted) throw new Error(`not all of ${patterns} in ${seen.join(', ')}`)
    await setImmediate()
  }
}

/** All but what changes by itself: where bytes are, clocks, and states that are passed through. */
function plainly({ sockets }: Beat) {
  return sockets.map(({ record }) => {
    const { receiveQueue, sendQueue, timer, state, inode, uid, ...lasting } = plainRecord(record)
    return { ...lasting, isListener: state === 'listen' }
  })
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

    it('tells at every look what a first look tells, also of what was there before', async () => {
      const { server, port } = await listening()
      const watch = watchPort(port, source)
      await watch.look()
      const pairs: Awaited<ReturnType<typeof connected>>[] = []
      for (let turn = 0; turn < 4; turn++) {
        pairs.push(await connected(server, port))
        const [oldest] = pairs
        oldest?.peer.pause()
        oldest?.client.write('more to read')
        if (turn === 2) pairs.splice(1, 1)[0]?.client.end()
        const first = plainly(await watchPort(port, source).look())
        expect(plainly(await watch.look())).toEqual(first)
      }
    })

    it('tells what opens, changes and closes, and who left what nobody holds', async () => {
      const { server, port } = await listening()
      const watch = watchPort(port, source)
      await watch.look()

      const { client, peer } = await connected(server, port)
      const opened = await watch.look()
      expect(events(opened, port)).toEqual(['open client established', 'open server established'])
      for (const { owners } of opened.sockets) expect(owners?.[0]?.pid).toBe(process.pid)

      client.end()
      await lookUntil(watch, port, [
        /^state client established fin-wait-[12]$/,
        /^state client \S+ fin-wait-2$/,
        /^state server established close-wait$/,
      ])

      client.resume()
      peer.resume().end()
      const over = await lookUntil(watch, port, [
        /^close server (?:close-wait|last-ack)$/,
        /^state client fin-wait-2 time-wait$/,
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
