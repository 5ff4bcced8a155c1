import { once } from 'node:events'
import { createServer as createHttps } from 'node:https'
import { afterEach, describe, expect, it } from 'vitest'
import { certificateFor } from '../support/certificates.ts'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'
import { startTlsServe } from '../support/tls-serve.ts'

closeServersAfterEach()
const running: { [Symbol.asyncDispose](): Promise<void> }[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

function keep<T extends { readonly server: Sockctl }>(started: T): T {
  running.push(started.server)
  return started
}

/** A server of Node's own, which leaves who speaks no TLS without a word. */
async function httpsServer(): Promise<number> {
  const { cert, key } = await certificateFor()
  const server = createHttps({ cert, key }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  running.push({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  })
  return (server.address() as { port: number }).port
}

/** An alert of TLS: unexpected_message. */
const ALERT = Buffer.from([0x15, 3, 3, 0, 2, 2, 10])

const NGINX = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: text/html',
  'Connection: close',
  '',
  '<center>The plain HTTP request was sent to HTTPS port</center>',
].join('\r\n')

async function answering(answer: Buffer | string): Promise<number> {
  const { port } = await tcpServer(socket => socket.once('data', () => socket.end(answer)))
  return port
}

const connect = (scheme: string, port: number) =>
  sockctl(['connect', `${scheme}://127.0.0.1:${port}/room`, '--send', 'x'])

describe.each([
  ['ws', 'wss'],
  ['socketio', 'socketios'],
])('connect %s:// to a port of TLS', (plain, secure) => {
  it.each([
    ['serve --tls', async () => keep(await startTlsServe(['127.0.0.1:0'])).port, true],
    ['one of Node', httpsServer, false],
    ['one that answers with an alert', () => answering(ALERT), plain === 'ws'],
    ['one that says so as nginx does', () => answering(NGINX), true],
  ])('says what to type for %s', async (_, start, isSure) => {
    const port = await start()
    const { code, stderr } = await connect(plain, port)
    expect(code).toBe(6)
    const hint = isSure ? 'Try' : 'If it speaks TLS'
    expect(stderr).toContain(`  ${hint}: ${secure}://127.0.0.1:${port}/room\n`)
  })

  it('is not told of TLS by one that says something else', async () => {
    const port = await answering('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    const { code, stderr } = await connect(plain, port)
    expect(code).toBe(6)
    expect(stderr).not.toContain(secure)
  })

  it('and the other way round', async () => {
    const { port } = keep(await startServe([`${plain}://127.0.0.1:0`]))
    const { code, stderr } = await connect(secure, port)
    expect(code).toBe(6)
    expect(stderr).toMatch(/it does not speak TLS \(it said: "HTTP\/1.1 400 Bad Request"\)/)
    expect(stderr).toContain(`\n  Try: ${plain}://127.0.0.1:${port}/room\n`)
    const silent = await tcpServer(socket => socket.once('data', () => socket.resetAndDestroy()))
    const rude = await connect(secure, silent.port)
    expect(rude.stderr).toContain(`It may not speak TLS: ${plain}://127.0.0.1:${silent.port}/room`)
  })
})
