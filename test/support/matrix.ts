import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { asStream } from '../../src/channel/reframe.ts'
import type { Channel } from '../../src/channel/types.ts'
import { standingAt } from '../../src/endpoint/standing.ts'
import type { Endpoint } from '../../src/endpoint/types.ts'
import { attach } from '../../src/handlers/attach.ts'
import { chargen } from '../../src/handlers/chargen.ts'
import { discard } from '../../src/handlers/discard.ts'
import { echo } from '../../src/handlers/echo.ts'
import { exec } from '../../src/handlers/exec.ts'
import { forward } from '../../src/handlers/forward.ts'
import { hang } from '../../src/handlers/hang.ts'
import type { HANDLERS } from '../../src/handlers/index.ts'
import { relay } from '../../src/handlers/relay.ts'
import { reply } from '../../src/handlers/reply.ts'
import type { Handler } from '../../src/handlers/types.ts'
import { Room } from '../../src/relay/room.ts'
import type { AbleScheme } from '../../src/transports/abilities.ts'
import { dial } from '../../src/transports/index.ts'
import { within } from './deadline.ts'
import { newFolder, type Started, startSession } from './serve-session.ts'

/** Where a server of a transport can be put; the last is a descriptor that somebody else has opened. */
export function endpointOf(scheme: Exclude<AbleScheme, 'fd'>): Endpoint {
  if (scheme === 'unix') return { scheme, path: `${newFolder()}/s` }
  if (scheme === 'ws') return { scheme, host: '127.0.0.1', port: 0, path: '/' }
  return { scheme, host: '127.0.0.1', port: 0 }
}

/** Every handler, made so that a test knows what it does. */
export const MADE: Readonly<Record<keyof typeof HANDLERS, (backend: Endpoint) => Made>> = {
  echo: () => ({ handler: echo() }),
  discard: () => ({ handler: discard() }),
  hang: () => ({ handler: hang() }),
  chargen: () => ({ handler: chargen() }),
  reply: () => ({ handler: reply({ data: Buffer.from('a reply') }) }),
  relay: () => ({ handler: relay({ room: new Room() }) }),
  exec: () => ({ handler: exec({ command: ['cat'], env: process.env, stderr: process.stderr }) }),
  forward: backend => ({ handler: forward({ targets: [backend] }) }),
  attach: () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    return { handler: attach({ input, output }), input, output }
  },
}

export interface Made {
  readonly handler: Handler
  /** Of attach. */
  readonly input?: PassThrough
  readonly output?: PassThrough
}

/** Handlers that send back what they are sent. */
export const MIRRORS = ['echo', 'exec', 'forward'] as const

/** A server, and how to come to it. Messages are as they come, with nothing between them. */
export async function serveOn(endpoint: Endpoint, handler: Handler): Promise<Server> {
  const started = await startSession(handler, { endpoints: [endpoint], framing: 'chunks' })
  const [address] = started.session.addresses
  if (address === undefined) throw new Error('it stands nowhere')
  const place = standingAt(endpoint, address)
  return { ...started, place, dial: async () => new Peer(await dial(place)) }
}

export interface Server extends Started {
  readonly place: Endpoint
  dial(): Promise<Peer>
}

/** One who talks to a server, over any transport, as over a stream. */
export class Peer {
  readonly channel: Channel
  readonly #heard: Buffer[] = []
  #wake = (): void => {}
  #bytes = 0
  hasEnded = false
  error: Error | undefined

  constructor(raw: Channel) {
    this.channel = asStream(raw, 'chunks')
    const { duplex } = this.channel
    duplex.on('data', chunk => {
      this.#heard.push(chunk)
      this.#bytes += chunk.length
      this.#wake()
    })
    duplex.on('end', () => {
      this.hasEnded = true
      this.#wake()
    })
    duplex.on('error', error => {
      this.error = error
      this.#wake()
    })
    duplex.on('close', () => this.#wake())
  }

  get text(): string {
    return Buffer.concat(this.#heard).toString()
  }

  say(text: string): void {
    this.channel.duplex.write(text)
  }

  /** Waits until so many bytes have come, or until it has ended. */
  async hears(bytes: number, what = `${bytes} bytes`): Promise<void> {
    await this.until(() => this.#bytes >= bytes, what)
  }

  async until(isSo: () => boolean, what: string): Promise<void> {
    const waiting = async (): Promise<void> => {
      while (!isSo()) {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
      }
    }
    await within(30_000, `${what} (${this.#bytes} bytes so far, ${this.error})`, waiting())
  }

  leave(): void {
    this.channel.duplex.destroy()
  }
}

/** Sends so many random bytes as fast as they are taken, and compares what comes back by its hash. */
export async function mirror(peer: Peer, bytes: number, { slowly = false } = {}): Promise<boolean> {
  const { duplex } = peer.channel
  const [sent, heard] = [createHash('sha256'), createHash('sha256')]
  const block = randomBytes(64 * 1024 - 1)
  let heardBytes = 0
  const all = new Promise<void>((resolve, reject) => {
    duplex.on('error', reject)
    duplex.pipe(
      new Writable({
        highWaterMark: 16 * 1024,
        write(chunk, _encoding, done) {
          heard.update(chunk)
          heardBytes += chunk.length
          if (heardBytes >= bytes) resolve()
          if (slowly) setImmediate(done)
          else done()
        },
      }),
    )
  })
  for (let left = bytes; left > 0; left -= block.length) {
    const part = block.subarray(0, left)
    sent.update(part)
    if (!duplex.write(part)) await once(duplex, 'drain')
  }
  await within(60_000, `${bytes} bytes back`, all)
  return heardBytes === bytes && sent.digest('hex') === heard.digest('hex')
}
