import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SockctlError } from '../../../../src/errors.ts'
import { dial } from '../../../../src/transports/index.ts'
import type { IssuedCertificate } from '../../../../src/transports/tls/issue-certificate.ts'
import type { Starttls } from '../../../../src/transports/tls/starttls/types.ts'
import { certificateFor } from '../../../support/certificates.ts'
import { within } from '../../../support/deadline.ts'
import { readAll } from '../../../support/read-all.ts'
import { closeServersAfterEach, tcpServer } from '../../../support/tcp-server.ts'
import { closeTlsAfterEach, tlsListener } from '../../../support/tls-listener.ts'

closeServersAfterEach()
closeTlsAfterEach()

let issued: IssuedCertificate
beforeAll(async () => {
  issued = await certificateFor()
})

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** What a server says, and what it waits for before: nothing, a text to match, or bytes. */
type Step = { readonly say: string | Buffer } | { readonly hear: RegExp | Buffer }

/** A server that has the dialogue, and passes what follows on to TLS with an echo behind it. */
async function server(steps: readonly Step[]): Promise<number> {
  const listener = await tlsListener(issued)
  void listener
    .accepted()
    .then(({ duplex }) => duplex.pipe(duplex))
    .catch(() => {})
  const { port } = await tcpServer(async client => {
    let heard: Buffer = Buffer.alloc(0)
    for (const step of steps) {
      if ('say' in step) client.write(step.say)
      else {
        while (!matches(heard, step.hear)) {
          const [chunk] = (await once(client, 'data')) as [Buffer]
          heard = Buffer.concat([heard, chunk])
        }
        // Who has to wait for no answer goes on with TLS at once.
        if (Buffer.isBuffer(step.hear)) client.unshift(heard.subarray(step.hear.length))
        heard = Buffer.alloc(0)
      }
    }
    const inner = connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true })
    sockets.push(inner)
    inner.on('error', () => {})
    client.pipe(inner)
    inner.pipe(client)
  })
  return port
}

function matches(heard: Buffer, wanted: RegExp | Buffer): boolean {
  return Buffer.isBuffer(wanted)
    ? heard.subarray(0, wanted.length).equals(wanted)
    : wanted.test(heard.toString('latin1'))
}

function start(port: number, starttls: Starttls, timeoutMs = 5000) {
  const endpoint = { scheme: 'tls', host: '127.0.0.1', port } as const
  return dial(endpoint, { timeoutMs, tls: { ca: issued.ca, starttls } })
}

async function failure(
  port: number,
  starttls: Starttls,
  timeoutMs?: number,
): Promise<SockctlError> {
  const error: unknown = await start(port, starttls, timeoutMs).then(String, one => one)
  expect(error).toBeInstanceOf(SockctlError)
  return error as SockctlError
}

/** A greeting of MySQL: version 10, "8.0", and what it is capable of. */
function mysqlGreeting(capabilities: number): Buffer {
  const payload = Buffer.concat([
    Buffer.from('\x0a8.0\0', 'latin1'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.alloc(8, 'salt'),
    Buffer.from([0, capabilities & 0xff, capabilities >> 8]),
    Buffer.from([33, 2, 0, 0xff, 0xc1, 21]),
    Buffer.alloc(10),
    Buffer.from('more of the salt\0'),
  ])
  return packet(0, payload)
}

function packet(sequence: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([payload.length, 0, 0, sequence]), payload])
}

const LDAP_REQUEST = Buffer.concat([
  Buffer.from([0x30, 29, 2, 1, 1, 0x77, 24, 0x80, 22]),
  Buffer.from('1.3.6.1.4.1.1466.20037'),
])
const PG_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const STREAM = /<stream:stream to='127\.0\.0\.1' version='1\.0'/
const STREAM_START = "<?xml version='1.0'?><stream:stream id='1' from='127.0.0.1'>"

const WILLING: Readonly<Record<Starttls, readonly Step[]>> = {
  smtp: [
    { say: '220-mail.example\r\n220 ESMTP\r\n' },
    { hear: /^EHLO \S+\r\n$/ },
    { say: '250-mail.example\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 HELP\r\n' },
    { hear: /^STARTTLS\r\n$/ },
    { say: '220 go ahead\r\n' },
  ],
  imap: [
    { say: '* OK IMAP4rev1 ready\r\n' },
    { hear: /^a1 STARTTLS\r\n$/ },
    { say: '* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n' },
  ],
  pop3: [{ say: '+OK ready\r\n' }, { hear: /^STLS\r\n$/ }, { say: '+OK begin\r\n' }],
  ftp: [
    { say: '220-Welcome\r\n anything\r\n220 ready\r\n' },
    { hear: /^AUTH TLS\r\n$/ },
    { say: '234 proceed\r\n' },
  ],
  ldap: [
    { hear: LDAP_REQUEST },
    { say: Buffer.from([0x30, 0x0c, 2, 1, 1, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0]) },
  ],
  postgres: [{ hear: PG_REQUEST }, { say: 'S' }],
  mysql: [
    { say: mysqlGreeting(0xffff) },
    {
      hear: packet(
        1,
        Buffer.concat([Buffer.from([0, 0x8a, 0, 0, 0, 0, 0, 1, 33]), Buffer.alloc(23)]),
      ),
    },
  ],
  xmpp: [
    { hear: STREAM },
    { say: STREAM_START },
    {
      say: "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
    },
    { hear: /<starttls / },
    { say: "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" },
  ],
}

const UNWILLING: readonly (readonly [Starttls, readonly Step[], string])[] = [
  [
    'smtp',
    [{ say: '220 ESMTP\r\n' }, { hear: /EHLO/ }, { say: '250-mail\r\n250 SIZE\r\n' }],
    'it does not offer STARTTLS',
  ],
  ['smtp', [{ say: '554 go away\r\n' }], 'it does not greet as SMTP does (it said: "554 go away")'],
  [
    'imap',
    [{ say: '* OK ready\r\n' }, { hear: /a1/ }, { say: 'a1 BAD what?\r\n' }],
    'it does not offer STARTTLS (it said: "a1 BAD what?")',
  ],
  [
    'pop3',
    [{ say: '+OK ready\r\n' }, { hear: /STLS/ }, { say: '-ERR what?\r\n' }],
    'it does not offer STLS (it said: "-ERR what?")',
  ],
  [
    'ftp',
    [{ say: '220 ready\r\n' }, { hear: /AUTH/ }, { say: '502 no\r\n' }],
    'it does not offer AUTH TLS (it said: "502 no")',
  ],
  [
    'ldap',
    [
      { hear: LDAP_REQUEST },
      { say: Buffer.from([0x30, 0x0c, 2, 1, 1, 0x78, 7, 0x0a, 1, 53, 4, 0, 4, 0]) },
    ],
    'it does not offer StartTLS (result code 53)',
  ],
  ['ldap', [{ say: 'hello' }], 'it does not answer as LDAP does'],
  ['postgres', [{ hear: PG_REQUEST }, { say: 'N' }], 'it does not offer TLS'],
  ['postgres', [{ say: 'E' }], 'it does not answer as PostgreSQL does'],
  ['mysql', [{ say: mysqlGreeting(0xf7ff) }], 'it does not offer TLS'],
  [
    'mysql',
    [{ say: packet(0, Buffer.from('\xff\x69\x04Host is blocked', 'latin1')) }],
    'it turns us away (Host is blocked)',
  ],
  [
    'xmpp',
    [{ hear: STREAM }, { say: `${STREAM_START}<stream:features/>` }],
    'it does not offer STARTTLS',
  ],
]

describe('starttls', () => {
  it.each(Object.entries(WILLING))('%s leads to TLS', async (protocol, steps) => {
    const channel = await start(await server(steps), protocol as Starttls)
    channel.duplex.end('under TLS')
    expect(`${await within(5000, 'the echo', readAll(channel.duplex))}`).toBe('under TLS')
  })

  it.each(UNWILLING)('%s says when it does not: %#', async (protocol, steps, reason) => {
    const error = await failure(await server(steps), protocol)
    expect(error.code).toBe('ERR_PROTOCOL')
    expect(error.message).toMatch(/^no TLS with tls:\/\/127\.0\.0\.1:\d+ by --starttls/)
    expect(error.message.endsWith(`: ${reason}`)).toBe(true)
  })

  it('takes nothing that came in plain words for something said under TLS', async () => {
    const port = await server([
      { say: '+OK ready\r\n' },
      { hear: /STLS/ },
      { say: '+OK begin\r\n+OK injected\r\n' },
    ])
    expect((await failure(port, 'pop3')).message).toContain(
      'it says more in plain words ("+OK injected")',
    )
  })

  it('is over when the server leaves, talks without end, or says nothing', async () => {
    const leaves = await tcpServer(client => client.end('220-one moment\r\n'))
    expect((await failure(leaves.port, 'smtp')).message).toMatch(/: it left$/)
    const talks = await tcpServer(client => client.write('220-'.padEnd(100_000, 'x')))
    expect((await failure(talks.port, 'smtp')).message).toMatch(/: it talks without end$/)
    const silent = await tcpServer()
    expect((await failure(silent.port, 'smtp', 100)).code).toBe('ERR_TIMEOUT')
  })
})
