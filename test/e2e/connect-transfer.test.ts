import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { within } from '../support/deadline.ts'
import { Sockctl, startServe } from '../support/sockctl.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()

const MIB = 1024 ** 2
const SIZE = 48 * MIB

const folder = mkdtempSync(join(tmpdir(), 'sockctl-transfer-'))
const file = join(folder, 'big')
const content = randomBytes(SIZE)
writeFileSync(file, content)
afterAll(() => rmSync(folder, { recursive: true }))

const runs: Sockctl[] = []
afterEach(async () => {
  for (const run of runs.splice(0)) await run[Symbol.asyncDispose]()
})

function track(run: Sockctl): Sockctl {
  runs.push(run)
  return run
}

async function sha256(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk)
  return hash.digest('hex')
}

const CONTENT_SHA256 = createHash('sha256').update(content).digest('hex')

function* pieces(): Iterable<Buffer> {
  for (let at = 0; at < SIZE; at += 65_536) yield content.subarray(at, at + 65_536)
}

/** The command with its stdin from a file, and its stdout for the test to read or leave. */
function connect(argv: readonly string[], stdin: string) {
  const child = spawn(process.execPath, ['bin/sockctl.js', 'connect', ...argv], {
    stdio: [openSync(stdin, 'r'), 'pipe', 'inherit'],
  })
  const { stdout } = child
  if (stdout === null) throw new Error('no stdout')
  return { child, stdout, exit: once(child, 'exit') }
}

describe('a transfer through connect', () => {
  it('keeps every byte, both ways at once, from a file and from a pipe', async () => {
    const { server, port } = await startServe([])
    track(server)
    const fromFile = connect([`127.0.0.1:${port}`], file)
    expect(await sha256(fromFile.stdout)).toBe(CONTENT_SHA256)
    expect(await fromFile.exit).toEqual([0, null])

    const fromPipe = spawn(process.execPath, ['bin/sockctl.js', 'connect', `127.0.0.1:${port}`])
    fromPipe.stdin.end(content)
    expect(await sha256(fromPipe.stdout)).toBe(CONTENT_SHA256)
  })

  it('has the answer to a large file, however late', async () => {
    let received = 0
    const { port } = await tcpServer(socket => {
      socket.on('data', chunk => {
        received += chunk.length
      })
      socket.on('end', () => setTimeout(() => socket.end(`got ${received}`), 300))
    })
    const run = connect([`127.0.0.1:${port}`], file)
    let answer = ''
    run.stdout.on('data', chunk => {
      answer += chunk
    })
    expect(await run.exit).toEqual([0, null])
    expect(answer).toBe(`got ${SIZE}`)
  })

  it.skipIf(process.platform !== 'linux')(
    'makes the peer wait for a slow reader, in bounded memory',
    async () => {
      const { port, accepted } = await tcpServer(socket => Readable.from(pieces()).pipe(socket))
      const run = connect([`127.0.0.1:${port}`], '/dev/null')
      const socket = await accepted()
      const taken = (): number => socket.bytesWritten - socket.writableLength
      await within(10_000, 'a standstill', untilStill(taken))
      expect(taken()).toBeLessThan(SIZE)
      const peakKib = /VmHWM:\s+(\d+) kB/.exec(
        readFileSync(`/proc/${run.child.pid}/status`, 'utf8'),
      )
      expect(Number(peakKib?.[1])).toBeLessThan(100 * 1024)
      expect(await sha256(run.stdout)).toBe(CONTENT_SHA256)
      expect(await run.exit).toEqual([0, null])
    },
  )

  it.each([[[]], [['--send-file', '-']]])(
    'says that stdin is a folder, before it connects (%j)',
    async flags => {
      const { port, server } = await tcpServer()
      let connections = 0
      server.on('connection', () => connections++)
      const through = ['sh', '-c', 'exec "$@" < /', '-']
      const run = track(new Sockctl(['connect', `127.0.0.1:${port}`, ...flags], { through }))
      expect(await run.outcome()).toEqual({
        code: 2,
        stdout: '',
        stderr:
          'sockctl: cannot send stdin: that is a folder\n' +
          '  To send a file: < file. To send nothing: < /dev/null\n',
      })
      expect(connections).toBe(0)
    },
  )

  it('ends quietly when its reader has left', async () => {
    const { port } = await tcpServer(socket => socket.pipe(socket))
    const run = track(new Sockctl(['connect', `127.0.0.1:${port}`]))
    run.child.stdin?.on('error', () => {})
    run.child.stdout?.once('data', () => run.child.stdout?.destroy())
    const flood = setInterval(() => run.child.stdin?.write(Buffer.alloc(65_536)), 1)
    const outcome = await run.outcome()
    clearInterval(flood)
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends at once on %s', async (signal, code) => {
    const { port, accepted } = await tcpServer()
    const run = track(new Sockctl(['connect', '-v', `127.0.0.1:${port}`]))
    const [peer] = await Promise.all([accepted(), run.says('stderr', /connected/)])
    const closed = once(peer.resume(), 'end')
    run.child.kill(signal)
    expect((await run.outcome(2000)).code).toBe(code)
    await within(2000, 'the end at the peer', closed)
  })
})

/** Waits until a number stays what it is for a while. */
async function untilStill(value: () => number): Promise<void> {
  for (let before = -1; before !== value() || before === 0; await delay(300)) before = value()
}
