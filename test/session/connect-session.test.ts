import { once } from 'node:events'
import type { Socket } from 'node:net'
import { PassThrough, Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { hexdump } from '../../src/layers/hexdump.ts'
import { type ConnectOptions, connect } from '../../src/session/connect.ts'
import type { ConnectSession } from '../../src/session/connect-session.ts'
import type { Outcome } from '../../src/session/outcome.ts'
import { parseExpectation } from '../../src/session/stop-rules.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()

/** Keeps what is written, and says so (`kept`); `isStuck` is a reader that takes no more. */
class Sink extends Writable {
  readonly chunks: Buffer[] = []
  isStuck = false
  #release = (): void => {}

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  get length(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  release(): void {
    this.isStuck = false
    this.#release()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk)
    this.emit('kept')
    if (this.isStuck) this.#release = done
    else done()
  }
}

interface Talk {
  readonly session: ConnectSession
  readonly peer: Socket
  readonly output: Sink
  readonly input: PassThrough
  over(): Promise<Outcome>
}

/** A session with a server of which the test plays the part. The input is open until it is ended. */
async function talk(
  options: Partial<ConnectOptions> = {},
  server: Parameters<typeof tcpServer>[1] = {},
): Promise<Talk> {
  const input = new PassThrough()
  const output = new Sink()
  const { port, accepted } = await tcpServer(undefined, server)
  const [peer, session] = await Promise.all([
    accepted(),
    connect(
      { scheme: 'tcp', host: '127.0.0.1', port },
      {
        dial: {},
        layers: [],
        input,
        output,
        atInputEnd: 'half-close',
        atPeerEnd: 'drain',
        rules: {},
        reply: 'hoped-for',
        ...options,
      },
    ),
  ])
  return { session, peer, output, input, over: () => within(5000, 'the end', session.over) }
}

describe('ConnectSession, at the end of the input', () => {
  it('half-closes and waits for a late answer', async () => {
    const { peer, input, output, over } = await talk()
    input.end('question')
    expect((await readAll(peer)).toString()).toBe('question')
    peer.end('late')
    expect(await over()).toMatchObject({ ended: 'peer', bytesIn: 4, bytesOut: 8, allSent: true })
    expect(output.text).toBe('late')
  })

  it('keeps its side open where it is told to', async () => {
    const { peer, input, session, over } = await talk({ atInputEnd: 'keep-open' })
    let hasEnded = false
    peer.on('end', () => {
      hasEnded = true
    })
    input.end('question')
    await once(peer, 'data')
    expect(session.isAllSent).toBe(true)
    expect(hasEnded).toBe(false)
    peer.end('answer')
    expect(await over()).toMatchObject({ ended: 'peer', bytesIn: 6 })
  })

  it('leaves where there is nothing more to do', async () => {
    const { peer, input, over } = await talk({ atInputEnd: 'close' })
    input.end('all of it')
    const received = readAll(peer)
    expect(await over()).toMatchObject({ ended: 'sent', bytesOut: 9 })
    expect((await received).toString()).toBe('all of it')
  })

  it('goes on dropping what comes before it leaves, so that nothing sent is lost', async () => {
    const size = 8 * 1024 ** 2
    const { peer, over } = await talk({
      atInputEnd: 'close',
      atPeerEnd: 'finish',
      input: Readable.from([Buffer.alloc(size, 1)]),
    })
    let received = 0
    peer.on('data', chunk => {
      received += chunk.length
      peer.write(chunk)
    })
    peer.on('end', () => peer.end())
    expect(await over()).toMatchObject({ allSent: true })
    expect(received).toBe(size)
  })

  it('breaks off when the input fails, so that a part is not taken for the whole', async () => {
    const { peer, input, over } = await talk()
    input.write('the first half')
    await once(peer, 'data')
    input.destroy(new Error('disk on fire'))
    const failed = once(peer, 'error')
    expect(await over()).toMatchObject({ ended: 'input', error: { message: 'disk on fire' } })
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  })
})

describe('ConnectSession, when the peer ends first', () => {
  it('stops at once for a person at a terminal', async () => {
    const { peer, output, over } = await talk({ atPeerEnd: 'stop' })
    peer.end('bye')
    expect(await over()).toMatchObject({ ended: 'peer', allSent: false })
    expect(output.text).toBe('bye')
  })

  it('sends a file to its end all the same', async () => {
    const { peer, input, over } = await talk({ atPeerEnd: 'finish' })
    peer.end()
    peer.once('data', () => input.end(' second'))
    input.write('first')
    expect((await readAll(peer)).toString()).toBe('first second')
    expect(await over()).toMatchObject({ ended: 'peer', bytesOut: 12, allSent: true })
  })

  it('stops when a pipe is silent', async () => {
    const { peer, over } = await talk()
    peer.end('bye')
    expect(await over()).toMatchObject({ ended: 'peer', bytesIn: 3, allSent: false })
  })

  it('sends a pipe to its end where the peer has only listened', async () => {
    const { peer, input, over } = await talk()
    input.write('first')
    await once(peer, 'data')
    peer.end()
    const rest = readAll(peer)
    // Longer than the silence that ends it where the peer has said something.
    setTimeout(() => input.end('second'), 400)
    expect(await over()).toMatchObject({ ended: 'peer', allSent: true, bytesOut: 11 })
    expect((await rest).toString()).toBe('second')
  })

  it('notices that a peer that has only listened is gone', async () => {
    const { peer, input, over } = await talk()
    input.write('first')
    await once(peer, 'data')
    peer.end()
    peer.destroy()
    // Answered by a reset, which nobody would read.
    input.write('second')
    expect(await over()).toMatchObject({ ended: 'broken', allSent: false })
  })

  it('needs nothing to be sent', async () => {
    const { peer, output, over } = await talk({ input: undefined })
    peer.end('bye')
    expect(await over()).toMatchObject({ ended: 'peer', bytesIn: 3, bytesOut: 0 })
    expect(output.text).toBe('bye')
  })
})

describe('ConnectSession, by a rule', () => {
  it('passes on what was asked for, and no more', async () => {
    const { peer, output, over } = await talk({ rules: { bytes: 4 } })
    peer.write('abcdef')
    expect(await over()).toMatchObject({ ended: 'met', bytesIn: 6 })
    expect(output.text).toBe('abcd')
  })

  it('counts a last line without its end only when the peer has ended it', async () => {
    const ended = await talk({ rules: { lines: 2 } })
    ended.peer.end('one\ntwo')
    expect(await ended.over()).toMatchObject({ ended: 'peer', linesIn: 2 })
    for (const rules of [{ idleMs: 100 }, { timeoutMs: 200 }]) {
      const cut = await talk({ rules: { lines: 2, ...rules } })
      cut.peer.write('one\ntwo')
      expect(await cut.over()).toMatchObject({ linesIn: 1 })
    }
    const reset = await talk({ rules: { lines: 2 } })
    reset.peer.write('one\ntwo')
    await once(reset.output, 'kept')
    reset.peer.resetAndDestroy()
    expect(await reset.over()).toMatchObject({ ended: 'broken', linesIn: 1 })
  })

  it('stops at what it expects', async () => {
    const { peer, output, over } = await talk({ rules: { expect: parseExpectation('^250 ') } })
    peer.write('220 hi\r\n')
    await once(output, 'kept')
    peer.write('250 ok\r\n')
    expect(await over()).toMatchObject({ ended: 'met', matched: true })
    expect(output.text).toBe('220 hi\r\n250 ok\r\n')
  })

  it('is not held up by a pattern that runs away, and keeps its time', async () => {
    const rules = { expect: parseExpectation('(a+)+b'), timeoutMs: 200 }
    const { peer, output, over } = await talk({ rules })
    peer.write('a'.repeat(60))
    const { ended, durationMs } = await over()
    expect(ended).toBe('runaway')
    expect(durationMs).toBeLessThan(900)
    expect(output.length).toBe(60)
  })

  it('lets others have their turn between looks', async () => {
    const { session, peer, output } = await talk({
      rules: { expect: parseExpectation('b') },
    })
    let chunksInTurn = 0
    let most = 0
    output.on('kept', () => {
      most = Math.max(most, ++chunksInTurn)
      setImmediate(() => {
        chunksInTurn = 0
      })
    })
    peer.write('a'.repeat(4 * 1024 * 1024), () => peer.end('b'))
    await within(5000, 'the end', session.over)
    expect(output.length).toBe(4 * 1024 * 1024 + 1)
    expect(most).toBe(1)
  })

  it('counts silence from the first byte, not before it', async () => {
    const { peer, output, over } = await talk({ rules: { idleMs: 100 } })
    setTimeout(() => peer.write('late'), 350)
    expect(await over()).toMatchObject({ ended: 'idle', bytesIn: 4 })
    expect(output.text).toBe('late')
  })

  it('does not count silence while its own reader is slow', async () => {
    const output = new Sink({ highWaterMark: 1 })
    output.isStuck = true
    const { peer, over } = await talk({ output, rules: { idleMs: 50 } })
    peer.write('first')
    await once(output, 'kept')
    setTimeout(() => {
      peer.write('second')
      output.release()
    }, 200)
    await over()
    expect(output.text).toBe('firstsecond')
  })

  it('does not count silence while the peer is slow to read', async () => {
    const { peer, over } = await talk(
      { rules: { idleMs: 50 }, input: Readable.from([Buffer.alloc(16 * 1024 ** 2)]) },
      { pauseOnConnect: true },
    )
    peer.write('hello')
    let received = 0
    setTimeout(() => {
      peer.on('data', chunk => {
        received += chunk.length
      })
      peer.resume()
    }, 300)
    expect(await over()).toMatchObject({ ended: 'idle', allSent: true })
    expect(received).toBe(16 * 1024 ** 2)
  })

  it('waits only so long once all is sent', async () => {
    const { peer, input, over } = await talk({ rules: { quitMs: 50 } })
    peer.write('some')
    input.end('x')
    expect(await over()).toMatchObject({ ended: 'quit', allSent: true, bytesIn: 4 })
  })

  it('gives silence a chance, and no more, where no reply is wanted', async () => {
    const { input, over } = await talk({ rules: { idleMs: 50 }, reply: 'none' })
    input.end('x')
    expect(await over()).toMatchObject({ ended: 'idle', bytesIn: 0, allSent: true })
  })

  it('gives up when the time for it all is up', async () => {
    const { peer, over } = await talk({ rules: { timeoutMs: 100 } })
    peer.write('some')
    expect(await over()).toMatchObject({ ended: 'timeout', bytesIn: 4 })
  })
})

describe('ConnectSession, when the connection breaks', () => {
  // So much that a part waits in the socket when the reset comes, but too little to stop reading.
  it.each([
    ['as it is', []],
    ['through a layer', [hexdump(() => {})]],
  ])('passes on all that came before a reset, %s, to a slow reader too', async (_, layers) => {
    const size = 66_000
    const output = new Sink({ highWaterMark: 1 })
    output.isStuck = true
    const { peer, over } = await talk({ output, layers })
    peer.write(Buffer.alloc(size))
    peer.resetAndDestroy()
    expect(await over()).toMatchObject({ ended: 'broken', bytesIn: size })
    output.release()
    await new Promise(resolve => output.end(resolve))
    expect(output.length).toBe(size)
  })

  it('reports a reset while it is still sending, after what the peer had said', async () => {
    const { peer, input, output, over } = await talk({}, { pauseOnConnect: true })
    const flood = (): void => {
      while (input.write(Buffer.alloc(65_536)));
    }
    input.on('drain', flood)
    flood()
    peer.write('too much')
    peer.resetAndDestroy()
    expect(await over()).toMatchObject({ ended: 'broken', allSent: false, bytesIn: 8 })
    expect(output.text).toBe('too much')
  })
})

describe('ConnectSession', () => {
  it('takes from the peer only what its reader takes', async () => {
    const output = new Sink({ highWaterMark: 1 })
    output.isStuck = true
    const { peer, session, over } = await talk({ output })
    let sent = 0
    // The connection holds some megabytes; then the peer has to wait.
    while (peer.write(Buffer.alloc(1024 ** 2)) || sent < 64) sent++
    peer.end()
    await once(output, 'kept')
    expect(session.traffic.bytesIn).toBeLessThan(1024 ** 2)
    output.release()
    expect(await over()).toMatchObject({ ended: 'peer' })
    expect(output.length).toBe((sent + 1) * 1024 ** 2)
  })

  it('ends at once when it is stopped, and leaves the streams alone', async () => {
    const { session, peer, input, output, over } = await talk()
    input.write('x')
    await once(peer, 'data')
    session.stop()
    expect(await over()).toMatchObject({ ended: 'stopped', bytesOut: 1 })
    expect(input.listenerCount('data')).toBe(0)
    expect(output.listenerCount('drain')).toBe(0)
    await once(peer, 'end')
  })
})
