import { on, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { relay } from '../../../../src/handlers/relay.ts'
import { Room } from '../../../../src/relay/room.ts'
import type { WebSocketListenOptions } from '../../../../src/transports/websocket/types.ts'
import { Browser, type Tab } from '../../../support/browser.ts'
import { hasPeer } from '../../../support/peers.ts'
import { endSessionsAfterEach, startSession } from '../../../support/serve-session.ts'

endSessionsAfterEach()

const sockets: WebSocket[] = []
const servers: { close(): unknown }[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate()
  for (const server of servers.splice(0)) server.close()
})

/** A room, on this port or a free one. */
async function room(options: WebSocketListenOptions = { console: true }, port = 0) {
  const started = await startSession(relay({ room: new Room() }), {
    endpoints: [{ scheme: 'ws', host: '127.0.0.1', port, path: '/' }],
    listen: { websocket: options },
  })
  return { ...started, page: `http://127.0.0.1:${started.port}/` }
}

async function member(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
  sockets.push(socket)
  await once(socket, 'open')
  return socket
}

/** What a plain client is answered. */
async function get(url: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(url, { headers })
  return { answer, text: await answer.text() }
}

describe('a WebSocket listener that is asked for a page', () => {
  it('gives browsers one that asks nobody else, and may do nothing else', async () => {
    const { page } = await room()
    const { answer, text } = await get(page, { Accept: 'text/html,*/*;q=0.8' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; connect-src 'self' ws:/,
    )
    expect(text).not.toMatch(/<[^>]*\s(?:src|href)="(?!data:,")|url\(|@import/)
    expect(text).not.toMatch(/https?:\/\//)
  })

  it('says to everybody else what it is', async () => {
    const { page } = await room()
    const { answer, text } = await get(page)
    expect([answer.status, answer.headers.get('upgrade')]).toEqual([426, 'websocket'])
    expect(text).toBe('this is a WebSocket: it wants a handshake (RFC 6455)\n')
  })

  it('gives none where it is told not to', async () => {
    const { page } = await room({ console: false })
    expect((await get(page, { Accept: 'text/html' })).answer.status).toBe(426)
  })

  it('tells its own page who is connected, and nobody else', async () => {
    const { page, port } = await room()
    await member(port)
    const accept = { Accept: 'application/json' }
    expect(JSON.parse((await get(page, accept)).text)).toMatchObject({
      guests: [{ facts: {}, messagesIn: 0, messagesOut: 0 }],
    })
    const elsewhere = { ...accept, Origin: 'https://evil.example' }
    expect((await get(page, elsewhere)).answer.status).toBe(403)
  })
})

describe.skipIf(!hasPeer('chromium'))('the console in chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await Browser.start()
  }, 30_000)
  afterAll(() => browser?.close())

  const type = (tab: Tab, text: string, kind = 'text') =>
    tab.evaluate(`document.querySelector('[value=${kind}]').click()
      document.getElementById('message').value = ${JSON.stringify(text)}
      document.getElementById('send').click()`)
  const shows = (text: string) =>
    `document.getElementById('log').innerText.includes(${JSON.stringify(text)})`
  const isIn = `document.getElementById('state').textContent === 'connected'`

  it('sends and shows messages, as text or hex', async () => {
    const { page, port } = await room()
    const tab = await browser.open(page)
    await tab.until(isIn)
    const other = await member(port)
    const messages = on(other, 'message', { signal: AbortSignal.timeout(5000) })
    await type(tab, 'hi')
    await type(tab, '00 ff', 'hex')
    const heard: string[] = []
    for await (const [data, isBinary] of messages) {
      if (heard.push(`${isBinary}:${data.toString('hex')}`) === 2) break
    }
    expect(heard).toEqual(['false:6869', 'true:00ff'])
    other.send('<img src=x onerror=document.title="taken">')
    await tab.until(shows('<img src=x'))
    expect(await tab.evaluate('document.title')).toBe(`127.0.0.1:${port} – sockctl`)
    await type(tab, '0g', 'hex')
    await tab.until(`document.getElementById('problem').textContent.startsWith('Not hex')`)
  })

  it('shows who is connected', async () => {
    const { page, port } = await room()
    const tab = await browser.open(page)
    await tab.until(`document.getElementById('count').textContent === '1'`)
    await member(port)
    await tab.until(`document.getElementById('list').childElementCount === 2`)
  })

  it('comes back when the server does', async () => {
    const first = await room()
    const tab = await browser.open(first.page)
    await tab.until(isIn)
    await first.session.stop()
    await tab.until(shows('closed: 1001'))
    await room({ console: true }, first.port)
    await tab.until(isIn)
  })

  it.each([
    ['phone', 390, 780, false],
    ['desktop', 1280, 800, true],
  ])('fits a %s', async (_, width, height, isDark) => {
    const { page, port } = await room()
    const tab = await browser.open(page)
    await tab.resize(width, height, isDark)
    await tab.until(isIn)
    const other = await member(port)
    other.send(`a long message ${'x'.repeat(500)}`)
    await tab.until(shows('a long message'))
    expect(await tab.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    const box = `document.getElementById('send').getBoundingClientRect()`
    expect(await tab.evaluate(`${box}.bottom <= innerHeight && ${box}.right <= innerWidth`)).toBe(
      true,
    )
    expect((await tab.screenshot()).length).toBeGreaterThan(1000)
  })

  it('keeps pages of other sites out, and names that are not ours', async () => {
    const { port, event } = await room()
    const site = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html').end('<title>another site</title>')
    }).listen(0, '127.0.0.1')
    servers.push(site)
    await once(site, 'listening')
    const tab = await browser.open(`http://evil.example:${(site.address() as AddressInfo).port}/`)
    const opens = (host: string) => `new Promise(resolve => {
      const socket = new WebSocket('ws://${host}:${port}/')
      socket.onopen = () => resolve('open')
      socket.onclose = ({ code }) => resolve(code)
    })`
    expect(await tab.evaluate(opens('127.0.0.1'))).toBe(1006)
    expect(await event('refused')).toMatchObject({
      error: expect.stringContaining('a page of http://evil.example'),
    })
    // Its own name, which leads here: to the browser it would be one origin.
    const rebound = await browser.open(`http://evil.example:${port}/`)
    expect(await rebound.evaluate('document.body.innerText')).toContain('not a name of ours')
    expect(await rebound.evaluate(opens('evil.example'))).toBe(1006)
    expect(await event('refused', 3)).toMatchObject({
      error: expect.stringContaining('not a name of ours'),
    })
  })
})
