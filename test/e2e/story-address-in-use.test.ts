import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { within } from '../support/deadline.ts'
import { hasOwnNetwork, type OwnNetwork, ownNetwork } from '../support/own-network.ts'
import { hasPeer } from '../support/peers.ts'
import { endPortHoldersAfterEach, holdPort, type PortHolder } from '../support/port-holder.ts'
import { ON_A_TERMINAL } from '../support/pty.ts'
import { type Outcome, Sockctl, sockctl } from '../support/sockctl.ts'
import { adviceOf, answerOf, factOf, TYPED_BY_HAND } from '../support/story.ts'

/** Survives its terminal; says its pid where orphan.py asks for it, and that it listens. */
const SERVER = `
process.on('SIGHUP', () => {})
require('node:net')
  .createServer(socket => socket.on('error', () => {}).resume())
  .listen(3000, '127.0.0.1', () => {
    console.log(3000, process.pid)
    // Last: the terminal is closed when this is heard, and a word to it would be the end.
    if (process.argv[2] === 'tell') require('node:fs').writeSync(3, process.pid + ' 3000\\n')
  })
`

/** A browser: it minds no server that goes away. */
const BROWSER = `
require('node:net').connect(3000, '127.0.0.1', () => console.log(3000)).on('error', () => {})
setInterval(() => {}, 60_000)
`

describe.skipIf(!hasOwnNetwork || !hasPeer('bash'))('my dev server says EADDRINUSE', () => {
  let network: OwnNetwork
  let folder: string

  beforeAll(async () => {
    network = await ownNetwork()
    folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'sockctl-story-'))), 'shop-api')
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{"name": "shop-api"}')
    writeFileSync(join(folder, 'server.js'), SERVER)
  })

  afterAll(async () => {
    await network.close()
    rmSync(join(folder, '..'), { recursive: true })
  })

  endPortHoldersAfterEach()

  const inspect = (...argv: string[]): Promise<Outcome> =>
    sockctl(['inspect', ...argv], { through: network.inside, env: TYPED_BY_HAND })
  const start = (...words: string[]): Promise<PortHolder> =>
    holdPort([...network.inside, process.execPath, ...words], { cwd: folder })

  /** Types the answer to the question whether to stop it. */
  async function free(answer: string): Promise<Outcome> {
    await using asking = new Sockctl(['inspect', '3000', '--free'], {
      through: [...network.inside, ...ON_A_TERMINAL],
    })
    await asking.says('stdout', /\? \[y\/N\] /)
    asking.child.stdin?.write(answer)
    return await asking.outcome()
  }

  it('and its terminal is gone: who it is, its end, and a new one in its place', async () => {
    await using orphan = await startedInTerminal()
    const browser = await start('-e', BROWSER)
    expect(await failedStart()).toContain('EADDRINUSE')

    const report = await inspect('3000')
    expect(answerOf(report)).toMatch(
      new RegExp(
        `^Port 3000 is held by node \\(pid ${orphan.pid}\\) of your project "shop-api", up \\d+ s\\.$`,
      ),
    )
    expect(factOf(report, 'project')).toBe(folder)
    expect(factOf(report, 'started')).toContain('terminal gone -> orphan')
    expect(factOf(report, 'chain')).toContain(`node(${orphan.pid})`)
    expect(factOf(report, 'clients')).toBe(`1: node (pid ${browser.pid})`)
    expect(adviceOf(report)).toMatch(/: +sockctl inspect 3000 --free$/)
    expect(report).toMatchObject({ code: 0, stderr: '' })

    const freed = await free('y\n')
    expect(freed.stdout).toContain(`Stop node (pid ${orphan.pid}, ${folder})?`)
    expect(freed.stdout).toMatch(/port 3000 is free\r\n$/)
    expect(freed.code).toBe(0)
    expect(browser.isRunning).toBe(true)

    const again = await start('server.js')
    expect(answerOf(await inspect('3000'))).toContain(`(pid ${again.pid})`)
  })

  it('and something would start it again: it says so before it asks', async () => {
    const watcher = await start('--watch', 'server.js')
    const server = watcher.numbers[1] ?? 0
    onTestFinished(() => void process.kill(server, 'SIGKILL'))
    const { code, stdout } = await free('n\n')
    const [told = '', question] = stdout.split('? [y/N]')[0]?.split(/\nStop node/) ?? []
    expect(told).toContain(
      `node --watch (pid ${watcher.pid}) starts it again when a file changes; to end both: kill ${watcher.pid}`,
    )
    expect(question).toContain(`(pid ${server}, ${folder})`)
    expect(stdout).toContain('Nothing was stopped.')
    expect(code).toBe(1)
  })

  it('and nobody has the port: no, with what to type', async () => {
    await using unused = await aFreshNetwork()
    const through = { through: unused.inside, env: TYPED_BY_HAND }
    const report = await sockctl(['inspect', '3000'], through)
    expect(answerOf(report)).toBe('Nothing holds port 3000: a server can listen on it.')
    expect(adviceOf(report)).toMatch(/: +sockctl serve 3000 --echo$/)
    expect(report).toMatchObject({ code: 1, stderr: '' })
    const freed = await sockctl(['inspect', '3000', '--free', '--yes'], through)
    expect(freed).toEqual({ code: 1, stdout: '', stderr: 'nothing holds port 3000\n' })
  })

  async function aFreshNetwork() {
    const made = await ownNetwork()
    return { ...made, [Symbol.asyncDispose]: () => made.close() }
  }

  /** Starts the server from a shell in a terminal, and closes the terminal. */
  async function startedInTerminal() {
    const words = ['python3', 'test/fixtures/orphan.py', folder, process.execPath]
    const [file = '', ...args] = [...network.inside, ...words, 'server.js', 'tell']
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(child, 'close')
    const lines = createInterface(child.stdout)
    const said = async (pattern: RegExp): Promise<string> => {
      for await (const line of lines) if (pattern.test(line)) return line
      throw new Error('the server did not start')
    }
    const line = await within(8000, 'a server', said(/^\d+ 3000$/))
    return {
      pid: Number.parseInt(line, 10),
      async [Symbol.asyncDispose]() {
        child.stdin.end()
        await within(5000, 'its end', ended)
      },
    }
  }

  /** Starts the server once more, and tells what it said. */
  async function failedStart(): Promise<string> {
    const [file = '', ...args] = [...network.inside, process.execPath, 'server.js']
    const child = spawn(file, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', chunk => {
      said += chunk
    })
    await within(8000, 'its failure', once(child, 'close'))
    return said
  }
})
