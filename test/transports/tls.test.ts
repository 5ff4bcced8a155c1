import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Channel } from '../../src/channel/types.ts'
import { SockctlError } from '../../src/errors.ts'
import { echo } from '../../src/handlers/echo.ts'
import { dial, listen } from '../../src/transports/index.ts'
import type { IssuedCertificate } from '../../src/transports/tls/issue-certificate.ts'
import { certificateFor, LOCAL_NAMES } from '../support/certificates.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'
import { closeTlsAfterEach, tlsListener } from '../support/tls-listener.ts'

closeServersAfterEach()
closeTlsAfterEach()

let issued: IssuedCertificate
beforeAll(async () => {
  issued = await certificateFor()
})

async function failure(work: Promise<unknown>): Promise<SockctlError> {
  const error = await within(
    8000,
    'a failure',
    work.then(
      () => 'it did not fail',
      one => one,
    ),
  )
  expect(error).toBeInstanceOf(SockctlError)
  return error as SockctlError
}

/** How a channel ends: `end`, or the code of its failure. All that comes is dropped. */
function ending({ duplex }: Channel): Promise<string> {
  return within(
    5000,
    'the end',
    new Promise(resolve => {
      duplex.on('error', error => resolve('code' in error ? String(error.code) : error.message))
      duplex.on('end', () => resolve('end'))
      duplex.resume()
    }),
  )
}

async function rawClient(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

describe('tls', () => {
  it.each(['1.2', '1.3'] as const)(
    'talks both ways by TLS %s, and keeps half-close',
    async version => {
      const listener = await tlsListener(issued)
      const [peer, channel] = await Promise.all([
        listener.accepted(),
        listener.dial({ maxVersion: version }),
      ])
      channel.duplex.end('question')
      expect(`${await readAll(peer.duplex)}`).toBe('question')
      peer.duplex.write('late ')
      peer.duplex.end('answer')
      expect(`${await readAll(channel.duplex)}`).toBe('late answer')
      expect(peer.facts).toMatchObject({ tls: version })
      expect(channel.facts).toMatchObject({ tls: version, sha256: issued.fingerprint })
    },
  )

  it('keeps our side open when the peer ends its own first', async () => {
    const listener = await tlsListener(issued)
    const [peer, channel] = await Promise.all([listener.accepted(), listener.dial()])
    peer.duplex.end('greeting')
    expect(`${await readAll(channel.duplex)}`).toBe('greeting')
    channel.duplex.end('after all')
    expect(`${await readAll(peer.duplex)}`).toBe('after all')
  })

  it('knows who is at the other end, and what was agreed on', async () => {
    const listener = await tlsListener(issued, { tls: { alpn: ['h2', 'echo'] } })
    const [peer, channel] = await Promise.all([
      listener.accepted(),
      listener.dial({ alpn: ['echo', 'other'], name: 'localhost' }),
    ])
    const agreed = { tls: '1.3', cipher: 'TLS_AES_256_GCM_SHA384', alpn: 'echo', sni: 'localhost' }
    expect(peer.facts).toEqual(agreed)
    expect(channel.facts).toEqual({
      ...agreed,
      subject: 'CN=localhost',
      sha256: issued.fingerprint,
    })
    expect(channel.remote).toEqual({ family: 'ipv4', host: '127.0.0.1', port: listener.port })
    expect(peer.remote).toEqual(channel.local)
  })

  it.each(['client', 'server'])('resets the TCP connection from the %s', async side => {
    const listener = await tlsListener(issued)
    const [peer, channel] = await Promise.all([listener.accepted(), listener.dial()])
    const [one, other] = side === 'client' ? [channel, peer] : [peer, channel]
    const end = ending(other)
    one.reset()
    expect(await end).toBe('ECONNRESET')
    if (!one.duplex.closed) await within(5000, 'the close', once(one.duplex, 'close'))
  })

  it.each([
    ['as soon as it is there', (act: () => void) => act()],
    ['while something comes', (act: () => void, { duplex }: Channel) => duplex.once('data', act)],
    [
      'after something has come',
      (act: () => void, { duplex }: Channel) => duplex.once('data', () => queueMicrotask(act)),
    ],
    ['at the end', (act: () => void, { duplex }: Channel) => duplex.resume().once('end', act)],
  ])('can be reset at any time: %s', async (_, when) => {
    for (const side of ['client', 'server'] as const) {
      const listener = await tlsListener(issued)
      const [peer, channel] = await Promise.all([listener.accepted(), listener.dial()])
      const [one, other] = side === 'client' ? [channel, peer] : [peer, channel]
      one.duplex.on('error', () => {})
      const closed = once(one.duplex, 'close')
      when(() => {
        one.duplex.write('on its way')
        one.reset()
      }, one)
      other.duplex.end('something')
      await within(5000, 'the close', closed)
    }
  })

  it('takes an end without close_notify for a failure, after all that came', async () => {
    const { accepted, port } = await tcpServer()
    const [carrier, channel] = await startPlainTls(accepted, port)
    // Not read for now: what came must not get lost.
    carrier.write('almost all')
    await once(channel.duplex, 'readable')
    carrier.cut()
    const chunks: Buffer[] = []
    channel.duplex.on('data', chunk => chunks.push(chunk))
    const [error] = await within(5000, 'the failure', once(channel.duplex, 'error'))
    expect(error).toMatchObject({ code: 'ERR_INCOMPLETE' })
    expect(error.message).toContain('without close_notify')
    expect(`${Buffer.concat(chunks)}`).toBe('almost all')
  })

  it('hands out all that came before a good end to a reader that comes late', async () => {
    const listener = await tlsListener(issued)
    const [peer, channel] = await Promise.all([listener.accepted(), listener.dial()])
    const data = Buffer.alloc(100_000, 'sockctl ')
    peer.duplex.resume()
    channel.duplex.end()
    peer.duplex.end(data)
    // Both sides of the connection are over, and it is closed beneath what is still to be read.
    await within(5000, 'the end of the peer', once(peer.duplex, 'close'))
    await untilStill(() => channel.duplex.readableLength)
    expect((await within(5000, 'all', readAll(channel.duplex))).equals(data)).toBe(true)
  })

  it.each(['1.2', '1.3'] as const)(
    'hears of a client of TLS %s that ends as soon as it can',
    async version => {
      const listener = await tlsListener(issued)
      const { ca } = issued
      const options = {
        host: '127.0.0.1',
        port: listener.port,
        ca,
        maxVersion: `TLSv${version}`,
      } as const
      const client = connectTls(options, () => client.resume().end())
      const { duplex } = await listener.accepted()
      expect(`${await within(5000, 'the end', readAll(duplex))}`).toBe('')
      duplex.end()
      await within(5000, 'the close', once(client, 'close'))
    },
  )

  it('hands out all that came before a reset, and then fails with it', async () => {
    const listener = await tlsListener(issued)
    const [peer, channel] = await Promise.all([listener.accepted(), listener.dial()])
    await new Promise(resolve => peer.duplex.write('last words', resolve))
    await once(channel.duplex, 'readable')
    peer.reset()
    const words: string[] = []
    channel.duplex.on('data', chunk => words.push(`${chunk}`))
    const [error] = await within(5000, 'the failure', once(channel.duplex, 'error'))
    expect(words.join('')).toBe('last words')
    expect(error).toMatchObject({ code: 'ECONNRESET' })
  })

  it('echoes 64 MiB to a reader that is slow to begin, and holds little of it meanwhile', async () => {
    const listener = await tlsListener(issued)
    const [peer, channel] = await Promise.all([listener.accepted(), listener.dial()])
    const echoing = echo()(peer, {
      id: 1,
      scheme: 'tls',
      dial: async () => channel,
      note: () => {},
    })
    const block = Buffer.alloc(1024 * 1024, 'sockctl ')
    let sent = 0
    const { duplex } = channel
    const send = (): void => {
      while (sent < 64) {
        sent++
        if (!duplex.write(block)) return
      }
      duplex.end()
    }
    duplex.on('drain', send)
    send()
    // Nobody reads, so that the kernel's buffers fill, and both sides have to wait.
    await within(
      5000,
      'back-pressure',
      untilStill(() => sent),
    )
    expect(sent).toBeLessThan(64)
    expect(peer.duplex.writableLength).toBeLessThan(4 * 1024 * 1024)
    const received = await within(60_000, 'the echo', readAll(duplex))
    expect(received.length).toBe(64 * block.length)
    expect(received.subarray(-block.length).equals(block)).toBe(true)
    await echoing
  })

  it('needs a certificate to listen, one that fits its key', async () => {
    const endpoint = { scheme: 'tls', host: '127.0.0.1', port: 0 } as const
    expect((await failure(listen(endpoint))).code).toBe('ERR_USAGE')
    const { key } = await certificateFor()
    const mismatch = await failure(listen(endpoint, { tls: { cert: issued.cert, key } }))
    expect(mismatch.message).toBe('cannot set TLS up: the key does not belong to the certificate')
    const noPem = await failure(listen(endpoint, { tls: { cert: 'x', key } }))
    expect(noPem.message).toBe('there is no certificate in tls.cert')
    const noCipher = { ...issued, ciphers: 'NONESUCH' }
    expect((await failure(listen(endpoint, { tls: noCipher }))).message).toMatch(/no such cipher/)
  })

  it('passes the secrets of each connection on, for a key log', async () => {
    const lines: string[] = []
    const onKeys = (line: Buffer): unknown => lines.push(`${line}`)
    const listener = await tlsListener(issued, { tls: { onKeys } })
    await Promise.all([listener.accepted(), listener.dial()])
    expect(lines.join('')).toMatch(/^CLIENT_HANDSHAKE_TRAFFIC_SECRET [0-9a-f]{64} /m)
    const before = lines.length
    const silent = await tlsListener(issued)
    await Promise.all([silent.accepted(), silent.dial({ onKeys })])
    expect(lines.length).toBeGreaterThan(before)
  })
})

describe('what a client makes of its server', () => {
  it('does not trust a CA that it does not know, and says what to do', async () => {
    const listener = await tlsListener(issued)
    const error = await failure(listener.dial({ ca: undefined }))
    expect(error.code).toBe('ERR_PROTOCOL')
    expect(error.message).toMatch(
      /^cannot trust tls:\/\/127\.0\.0\.1:\d+: its CA is not one that is trusted here \(CN=sockctl CA \w+\)$/,
    )
    expect(error.hints.join(' ')).toMatch(/--ca .*--insecure/)
  })

  const now = new Date()
  const DAY_MS = 86_400_000

  it('does not take one whose time is over', async () => {
    const expired = await certificateFor(LOCAL_NAMES, { fromMs: -3 * DAY_MS, untilMs: -2 * DAY_MS })
    const listener = await tlsListener(expired)
    const until = new Date(now.getTime() - 2 * DAY_MS).toISOString().slice(0, 10)
    const error = await failure(listener.dial())
    expect(error.message).toMatch(
      new RegExp(`its certificate has expired 2 d \\d+ h ago, on ${until}$`),
    )
  })

  it('does not take one whose time has not come', async () => {
    const early = await certificateFor(LOCAL_NAMES, { fromMs: 2 * DAY_MS, untilMs: 3 * DAY_MS })
    const listener = await tlsListener(early)
    const error = await failure(listener.dial())
    expect(error.message).toMatch(/its certificate is not yet valid: only from \d{4}-\d\d-\d\d on$/)
    expect(error.hints[0]).toContain('clock')
  })

  it('does not take one that is for other names', async () => {
    const other = await certificateFor(['a.example', '*.b.example', '192.0.2.1'])
    const listener = await tlsListener(other)
    const error = await failure(listener.dial())
    expect(error.message).toMatch(
      /its certificate is not for 127\.0\.0\.1, but for a\.example, \*\.b\.example, 192\.0\.2\.1$/,
    )
    expect(error.hints[0]).toContain('--tls-name a.example')
    await listener.dial({ name: 'a.example' })
    await listener.dial({ name: 'x.b.example', sni: 'another' })
  })

  it('goes on all the same where it may, and tells why it should not', async () => {
    const listener = await tlsListener(issued)
    const failures: (string | undefined)[] = []
    const onPeer: NonNullable<Parameters<typeof listener.dial>[0]>['onPeer'] = ({
      failure: why,
      chain,
    }) => failures.push(why?.code, chain[0]?.fingerprint256)
    const channel = await listener.dial({ ca: undefined, insecure: true, onPeer })
    expect(channel.facts.sha256).toBe(issued.fingerprint)
    expect(failures).toEqual(['ERR_PROTOCOL', issued.fingerprint])
  })

  it.each([
    ['220 mail.example ESMTP\r\n', '"220 mail.example ESMTP"'],
    [Buffer.from([0, 1, 2, 0xff]), '00 01 02 ff in hex'],
  ])('sees that it does not speak TLS: %j', async (words, quoted) => {
    const { port } = await tcpServer(peer => peer.end(words))
    const error = await failure(dialTls(port))
    expect(error.code).toBe('ERR_PROTOCOL')
    expect(error.message).toContain(`it does not speak TLS (it said: ${quoted})`)
  })

  it('sees that it is but an echo', async () => {
    const { port } = await tcpServer(peer => peer.pipe(peer))
    expect((await failure(dialTls(port))).message).toContain('an echo without TLS')
  })

  it.each(['end', 'resetAndDestroy'] as const)('sees that it hangs up: %s', async how => {
    const { port } = await tcpServer(peer => peer.once('data', () => peer[how]()))
    const error = await failure(dialTls(port))
    expect(error.code).toBe('ERR_PROTOCOL')
    expect(error.message).toContain('it ended the connection in the middle of the handshake')
  })

  it('does not wait for ever for one that is silent', async () => {
    const { port } = await tcpServer()
    const error = await failure(dialTls(port, 100))
    expect(error.code).toBe('ERR_TIMEOUT')
    expect(error.message).toMatch(/no handshake in 100 ms$/)
  })

  it('says which version it does not have', async () => {
    const listener = await tlsListener(issued, { tls: { minVersion: '1.3' } })
    const refused = listener.refused()
    const error = await failure(listener.dial({ maxVersion: '1.2' }))
    expect(error.message).toContain('it does not speak a version of TLS that we offer')
    expect((await refused).error).toBe('no TLS: its versions of TLS are not among ours')
  })

  it('talks by old versions where both ask for them', async () => {
    const listener = await tlsListener(issued, { tls: { minVersion: '1.0' } })
    const channel = await listener.dial({ minVersion: '1.0', maxVersion: '1.1' })
    expect(channel.facts.tls).toBe('1.1')
  })
})

describe('what a listener makes of its clients', () => {
  it('lets in by certificate only whom its CA has one for', async () => {
    const clientCert = await certificateFor(['alice'], { usage: 'client' })
    const listener = await tlsListener(issued, { tls: { clientCa: clientCert.ca } })
    const { cert, key } = clientCert
    const [peer] = await Promise.all([listener.accepted(), listener.dial({ cert, key })])
    expect(peer.facts).toMatchObject({ subject: 'CN=alice', sha256: clientCert.fingerprint })

    const stranger = await certificateFor(['mallory'], { usage: 'client' })
    const refused = listener.refused()
    // With TLS 1.3 a client has shaken hands before the server has seen who it is.
    const dialled = await listener.dial({ cert: stranger.cert, key: stranger.key })
    expect(await ending(dialled)).not.toBe('end')
    expect((await refused).error).toMatch(
      /^CN=\S+ may not in: its CA is not one that is trusted here/,
    )
  })

  it('tells a client that it needs a certificate', async () => {
    const clientCert = await certificateFor(['alice'], { usage: 'client' })
    const listener = await tlsListener(issued, { tls: { clientCa: clientCert.ca } })
    const refused = listener.refused()
    const channel = await listener.dial()
    const [error] = await within(5000, 'the alert', once(channel.duplex.resume(), 'error'))
    expect(error).toBeInstanceOf(SockctlError)
    expect(error).toMatchObject({ code: 'ERR_PROTOCOL' })
    expect(error.message).toContain('it lets in only clients that show a certificate')
    expect(error.hints.join()).toContain('--cert')
    expect((await refused).error).toBe('no TLS: it has shown no certificate')
  })

  it('answers who speaks HTTP, and says what it needs', async () => {
    const listener = await tlsListener(issued)
    const refused = listener.refused()
    const client = await rawClient(listener.port)
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const answer = `${await within(5000, 'the answer', readAll(client))}`
    client.end()
    expect(answer).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*\r\n\r\nThis port speaks TLS: use https/,
    )
    expect((await refused).error).toBe('speaks plain HTTP, not TLS: it needs https://')
  })

  it.each([
    ['a line', ['hello\r\n'], 'speaks no TLS (it said: "hello")'],
    ['few letters, and then silence', ['he'], 'speaks no TLS (it said: "he")'],
    [
      'a line in pieces',
      ['G', 'ET / HTTP/1.0\r\n\r\n'],
      'speaks plain HTTP, not TLS: it needs https://',
    ],
    ['nothing', [], 'it left without a word'],
  ])('turns away who says %s', async (_, pieces, error) => {
    const listener = await tlsListener(issued)
    const refused = listener.refused()
    const client = await rawClient(listener.port)
    client.setNoDelay()
    for (const piece of pieces) {
      await new Promise(resolve => client.write(piece, resolve))
    }
    if (pieces.length === 0) client.end()
    expect((await refused).error).toBe(error)
  })

  it('takes a ClientHello in single bytes', async () => {
    const listener = await tlsListener(issued)
    const proxy = await tcpServer(async client => {
      const server = await rawClient(listener.port)
      server.setNoDelay()
      server.pipe(client)
      const [hello] = (await once(client, 'data')) as [Buffer]
      for (const byte of hello) await new Promise(resolve => server.write(Buffer.of(byte), resolve))
      client.pipe(server)
    })
    const [peer, channel] = await Promise.all([listener.accepted(), dialTls(proxy.port)])
    channel.duplex.end('through')
    expect(`${await readAll(peer.duplex)}`).toBe('through')
  })

  it('ends a handshake that stands still', async () => {
    const listener = await tlsListener(issued, { handshakeMs: 100 })
    const refused = listener.refused()
    const client = await rawClient(listener.port)
    client.write(Buffer.from([0x16, 3, 1]))
    expect((await refused).error).toBe('no handshake in 100 ms')
  })

  it('stands random bytes after a good beginning, and goes on', async () => {
    const listener = await tlsListener(issued)
    for (let seed = 1; seed <= 50; seed++) {
      const refused = listener.refused()
      const client = await rawClient(listener.port)
      const noise = Buffer.alloc(200, seed.toString(36))
      client.end(Buffer.concat([Buffer.from([0x16, 3, 1, 0, 190]), noise]))
      expect((await refused).reason).toBe('handshake')
    }
    await Promise.all([listener.accepted(), listener.dial()])
  })

  it('stays responsive beside a thousand handshakes that were only begun', async () => {
    const listener = await tlsListener(issued)
    const half = await Promise.all(Array.from({ length: 1000 }, () => rawClient(listener.port)))
    for (const [index, client] of half.entries()) {
      if (index % 2 === 0) client.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0]))
    }
    const [peer, channel] = await Promise.all([listener.accepted(), listener.dial()])
    channel.duplex.end('still here?')
    expect(`${await readAll(peer.duplex)}`).toBe('still here?')
    for (const client of half) client.destroy()
  })
})

function dialTls(port: number, timeoutMs = 5000): Promise<Channel> {
  const endpoint = { scheme: 'tls', host: '127.0.0.1', port } as const
  return dial(endpoint, { timeoutMs, tls: { ca: issued.ca } })
}

/** A server whose TCP connection can be ended without a word of TLS. */
async function startPlainTls(accepted: () => Promise<Socket>, port: number) {
  const listener = await tlsListener(issued)
  const serving = accepted().then(async client => {
    const server = await rawClient(listener.port)
    client.pipe(server)
    server.on('data', chunk => client.write(chunk))
    return client
  })
  const [channel, client, peer] = await Promise.all([dialTls(port), serving, listener.accepted()])
  return [
    { write: (text: string) => peer.duplex.write(text), cut: () => client.end() },
    channel,
  ] as const
}

/** Waits until a number has stood still for many turns of the loop. */
async function untilStill(read: () => number): Promise<void> {
  let last = read()
  for (let turns = 0; turns < 2000; turns++) {
    await new Promise(resolve => setImmediate(resolve))
    if (read() !== last) turns = 0
    last = read()
  }
}
