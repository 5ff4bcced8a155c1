import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { within } from './deadline.ts'

/** Nothing that leaves the machine, and no names but those of the test, which are this machine. */
const FLAGS = [
  '--headless',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--remote-debugging-port=0',
  '--host-resolver-rules=MAP *.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** Chromium without a window, told what to do by the DevTools protocol. */
export class Browser {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (answer: Answer) => void>()
  #lastId = 0

  private constructor(child: ChildProcess, folder: string, socket: WebSocket) {
    this.#child = child
    this.#folder = folder
    this.#socket = socket
    socket.on('message', data => {
      const answer: Answer = JSON.parse(`${data}`)
      this.#answers.get(answer.id ?? 0)?.(answer)
    })
  }

  static async start(): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), 'sockctl-browser-'))
    const child = spawn('chromium', [...FLAGS, `--user-data-dir=${folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const url = await within(20_000, 'a browser', addressOf(child))
    const socket = new WebSocket(url)
    await once(socket, 'open')
    return new Browser(child, folder, socket)
  }

  /** Opens a page, and waits until it is loaded. */
  async open(url: string): Promise<Tab> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true })
    const tab = new Tab((method, params) => this.send(method, params, `${sessionId}`))
    await tab.go(url)
    return tab
  }

  async send(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    const id = ++this.#lastId
    const answered = new Promise<Answer>(resolve => this.#answers.set(id, resolve))
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    const { result, error } = await within(10_000, method, answered)
    this.#answers.delete(id)
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit')
    // Killed, it would leave processes behind that still write into its folder.
    await this.send('Browser.close')
    await within(10_000, 'the end of the browser', ended)
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

type Result = Readonly<Record<string, unknown>>

interface Answer {
  readonly id?: number
  readonly result?: Result
  readonly error?: { readonly message: string }
}

/** A page in the browser. */
export class Tab {
  readonly #send: (method: string, params?: object) => Promise<Result>

  constructor(send: (method: string, params?: object) => Promise<Result>) {
    this.#send = send
  }

  async go(url: string): Promise<void> {
    await this.#send('Page.navigate', { url })
    await this.until('document.readyState === "complete" && location.href !== "about:blank"')
  }

  /** The value of an expression, or what its promise settles with. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = (await this.#send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: unknown }; exceptionDetails?: { text: string } }
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${exceptionDetails.text}`)
    return result.value
  }

  /** Waits until an expression is true. */
  async until(expression: string, deadlineMs = 10_000): Promise<void> {
    const waiting = `new Promise(resolve => {
      const look = () => (${expression}) ? resolve(true) : setTimeout(look, 20)
      look()
    })`
    const looking = async (): Promise<void> => {
      // A page that is just being left takes its promises along.
      while ((await this.evaluate(waiting).catch(() => false)) !== true) {}
    }
    await within(deadlineMs, `${expression}, on a page that shows`, looking())
  }

  /** How large its window is. */
  async resize(width: number, height: number, isDark = false): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 }
    await this.#send('Emulation.setDeviceMetricsOverride', metrics)
    const features = [{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }]
    await this.#send('Emulation.setEmulatedMedia', { features })
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png' })
    return Buffer.from(`${data}`, 'base64')
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('a browser without stderr')
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /^DevTools listening on (ws:\S+)/.exec(line)?.[1]
    if (url !== undefined) {
      child.stderr.resume()
      return url
    }
  }
  throw new Error('the browser has left')
}
