import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { within } from '../support/deadline.ts'
import { killPeersAfterEach, startPeer } from '../support/peer-process.ts'
import { hasPeer, pythonWith } from '../support/peers.ts'
import { endSessionsAfterEach, newFolder } from '../support/serve-session.ts'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'
import { closeWebSocketsAfterEach, WebSocketPeer } from '../support/web-socket-peer.ts'

killPeersAfterEach()
const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

async function serve(...argv: readonly string[]) {
  const started = await startServe(['--ws', ...argv])
  running.push(started.server)
  return started
}

const closing: WebSocketServer[] = []
afterEach(() => {
  for (const one of closing.splice(0)) one.close()
})
endSessionsAfterEach()
closeWebSocketsAfterEach()

const python = pythonWith('websockets')

describe.skipIf(python === undefined)('Python, by its package websockets,', () => {
  it('is answered by serve', async () => {
    const { server, port } = await serve('--subprotocol', 'chat', '--compress')
    const client = [`${python}`, 'test/fixtures/websocket-client.py', `ws://127.0.0.1:${port}/x`]
    const { received } = await startPeer([...client, 'one', 'grüße', 'x'.repeat(70_000)])
    const lines = (await within(10_000, 'its end', received)).split('\n')
    expect(lines.map(line => line.slice(0, 30))).toEqual([
      'subprotocol chat',
      'one',
      'grüße',
      'x'.repeat(30),
      "b'\\x00\\xff'",
      'closed 1000',
      '',
    ])
    await server.says('stderr', /#1 close .*closed by peer: 1000 normal/)
  })

  it('answers connect, also late, and is told of the end', async () => {
    const { child, says, said } = await startPeer(
      [`${python}`, '-u', 'test/fixtures/websocket-server.py'],
      /port \d+/,
    )
    const url = `ws://127.0.0.1:${/port (\d+)/.exec(said())?.[1]}`
    const talk = await sockctl(['connect', url], { stdin: 'one\ntwo' })
    expect(talk).toMatchObject({ code: 0, stdout: 'str one\nstr two\n' })
    await says(/closed 1000/)
    const asked = ['connect', url, '--compress', '--binary', '--send', 'a', '--lines', '1']
    expect((await sockctl(asked)).stdout).toBe("bytes b'a'\n")
    child.kill('SIGTERM')
  })
})

describe('the package ws alone', () => {
  it('is answered by serve', async () => {
    const { port } = await serve('--reply', 'hello')
    const peer = new WebSocket(`ws://127.0.0.1:${port}`)
    const [data] = await within(5000, 'the reply', once(peer, 'message'))
    const [code] = await within(5000, 'the close', once(peer, 'close'))
    expect([`${data}`, code]).toEqual(['hello', 1000])
  })

  it('is served a file by connect, a line a message', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
    const heard: string[] = []
    server.on('connection', peer => peer.on('message', data => heard.push(`${data}`)))
    const { port } = server.address() as { port: number }
    const lines = Array.from({ length: 2000 }, (_, index) => `line ${index}`)
    const argv = ['connect', `ws://127.0.0.1:${port}`, '--send-only']
    expect((await sockctl(argv, { stdin: lines.join('\n') })).code).toBe(0)
    expect(heard).toEqual(lines)
    server.close()
  })

  describe('with what flags give', () => {
    const MIB = 1024 * 1024

    /** A server that keeps what it hears, and a file of so many bytes. */
    async function listenFor(fileBytes: number) {
      const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
      closing.push(server)
      await once(server, 'listening')
      const heard: string[] = []
      server.on('connection', peer => {
        peer.on('message', (data, isBinary) => {
          heard.push(`${isBinary ? 'binary' : 'text'} ${(data as Buffer).length}`)
          peer.send('taken')
        })
      })
      const { port } = server.address() as { port: number }
      const file = join(newFolder(), 'file')
      writeFileSync(file, 'grüße\n'.repeat(fileBytes / 8))
      return { heard, file, connect: ['connect', `ws://127.0.0.1:${port}`, '--expect', 'taken'] }
    }

    it('hears a file as one message, and stdin in its place, however long', async () => {
      const { heard, file, connect } = await listenFor(3 * MIB)
      expect((await sockctl([...connect, '--send-file', file])).code).toBe(0)
      const stdin = readFileSync(file)
      expect((await sockctl([...connect, '--send-file', '-'], { stdin })).code).toBe(0)
      expect(heard).toEqual([`text ${3 * MIB}`, `text ${3 * MIB}`])
    })

    it('hears each text and each row of bytes as one message, and an empty one too', async () => {
      const { heard, connect } = await listenFor(0)
      const flags = ['--send', 'a\\nb', '--send-hex', 'ff00', '--send', '', '--until-close', '-N']
      await sockctl([...connect, ...flags])
      expect(heard).toEqual(['text 3', 'binary 2', 'text 0'])
    })

    it('hears what a framing has cut', async () => {
      const { heard, file, connect } = await listenFor(80)
      const sent = [...connect, '--until-close', '-N', '--send-file', file]
      expect((await sockctl([...sent, '--framing', 'lines'])).code).toBe(0)
      expect(heard).toEqual(Array.from({ length: 10 }, () => 'text 7'))
    })

    it('is not sent a file that is too long for a message, and the user told how to', async () => {
      const { heard, file, connect } = await listenFor(16 * MIB + 8)
      const told = {
        code: 2,
        stderr: `sockctl: cannot send ${file} as one message: it is longer than 16 MiB\n  To send it in pieces: --framing chunks, or lines\n`,
      }
      expect(await sockctl([...connect, '--send-file', file])).toMatchObject(told)
      const stdin = readFileSync(file)
      const { code, stderr } = await sockctl([...connect, '--send-file', '-'], { stdin })
      expect({ code, stderr }).toEqual({ code: 2, stderr: told.stderr.replace(file, 'stdin') })
      expect(heard).toEqual([])
      const pieces = [...connect, '--send-file', file, '--framing', 'chunks', '--until-close', '-N']
      expect((await sockctl(pieces)).code).toBe(0)
      expect(heard.length).toBeGreaterThan(100)
    })

    it('is sent a file as one message by serve too', async () => {
      const { file } = await listenFor(3 * MIB)
      const { port } = await serve('--reply-file', file)
      const peer = await WebSocketPeer.open(`ws://127.0.0.1:${port}`)
      expect(await peer.next()).toBe(`text:${readFileSync(file)}`)
    })
  })
})

describe.skipIf(!hasPeer('curl'))('curl', () => {
  it('upgrades by hand, and gets frames', async () => {
    const { port } = await serve('--reply', 'hello')
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    const flags = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
    const url = `http://127.0.0.1:${port}/`
    const { received } = await startPeer(['curl', '-isN', '--max-time', '5', ...flags, url])
    const answer = await within(8000, 'its end', received)
    expect(answer).toContain('HTTP/1.1 101 Switching Protocols\r\n')
    // RFC 6455 §1.3.
    expect(answer).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')
    expect(answer).toContain('\x05hello')
  })

  it('is told what it is that it asks', async () => {
    const { port } = await serve()
    const { received } = await startPeer(['curl', '-s', `http://127.0.0.1:${port}/`])
    expect(await received).toBe('this is a WebSocket: it wants a handshake (RFC 6455)\n')
  })
})

describe('wss://', () => {
  it('is ws:// under TLS', async () => {
    const { port } = await serve('--tls')
    const url = `wss://localhost:${port}`
    const argv = ['connect', url, '--insecure', '--quiet', '--send', 'hi']
    const { code, stdout } = await sockctl(argv)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hi\n' })
    const distrusted = await sockctl(['connect', url, '--send', 'hi'])
    expect(distrusted).toMatchObject({ code: 6, stdout: '' })
  })
})
