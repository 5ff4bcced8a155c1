import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { Endpoint } from '../../src/endpoint/types.ts'
import type { Handler } from '../../src/handlers/types.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import { type ServeOptions, type ServeSession, serve } from '../../src/session/serve.ts'
import { FaithfulSocket } from '../../src/transports/faithful-socket.ts'
import { within } from './deadline.ts'

const sessions: ServeSession[] = []
const sockets: Socket[] = []
const folders: string[] = []

/** Ends what `startSession` and `dialRaw` opened in a test. Called once at the top of a file. */
export function endSessionsAfterEach(): void {
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    for (const session of sessions.splice(0)) {
      session.abandon()
      await session.over
    }
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })
}

/** A server on a free TCP port and on a unix socket, and what happened in it. */
export interface Started {
  readonly session: ServeSession
  readonly port: number
  readonly path: string
  readonly events: readonly SessionEvent[]
  /** Waits for the nth event of a kind. */
  event<K extends SessionEvent['event']>(kind: K, nth?: number): Promise<EventOf<K>>
  /** The texts of all notes so far. */
  notes(): string[]
}

type EventOf<K> = Extract<SessionEvent, { event: K }>

export async function startSession(
  handler: Handler,
  options: Partial<ServeOptions> = {},
): Promise<Started> {
  const path = join(newFolder(), 's')
  const events: SessionEvent[] = []
  let wake = (): void => {}
  const session = await serve({
    endpoints: [
      { scheme: 'tcp', host: '127.0.0.1', port: 0 },
      { scheme: 'unix', path },
    ],
    handler,
    graceMs: 100,
    onEvent: event => {
      events.push(event)
      wake()
    },
    ...options,
  })
  sessions.push(session)
  async function search<K extends SessionEvent['event']>(kind: K, nth: number) {
    for (;;) {
      const found = events.filter((one): one is EventOf<K> => one.event === kind)[nth - 1]
      if (found !== undefined) return found
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  const [address] = session.addresses
  return {
    session,
    port: address !== undefined && 'port' in address ? address.port : 0,
    path,
    events,
    event: (kind, nth = 1) => within(12_000, `event ${kind} #${nth}`, search(kind, nth)),
    notes: () => events.filter(one => one.event === 'note').map(one => one.text),
  }
}

/** A raw client, by port or path, half-open and telling a reset from an end. Throws no errors. */
export async function dialRaw(to: number | string): Promise<Socket> {
  const socket = new FaithfulSocket({ allowHalfOpen: true })
  sockets.push(socket)
  socket.on('error', () => {})
  socket.connect(typeof to === 'string' ? { path: to } : { port: to, host: '127.0.0.1' })
  await once(socket, 'connect')
  socket.setNoDelay()
  return socket
}

export function tcpEndpoint(port: number): Endpoint {
  return { scheme: 'tcp', host: '127.0.0.1', port }
}

/** A folder of its own, removed after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sockctl-'))
  folders.push(folder)
  return folder
}

/** How many descriptors this process has open (Linux). */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}
