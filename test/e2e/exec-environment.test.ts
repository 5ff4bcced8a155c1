import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { within } from '../support/deadline.ts'
import { freePort, killPeersAfterEach, startPeer } from '../support/peer-process.ts'
import { hasPeer } from '../support/peers.ts'
import { endSessionsAfterEach, newFolder } from '../support/serve-session.ts'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'

killPeersAfterEach()
endSessionsAfterEach()
const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

async function exec(endpoint: string, script: string, ...argv: readonly string[]): Promise<number> {
  const { server, port } = await startServe([endpoint, ...argv, '--shell', '--exec', script])
  running.push(server)
  return port
}

describe('a command of --exec', () => {
  it.each(['tcp', 'tls', 'udp', 'ws', 'wss', 'socketio', 'socketios'])(
    'is told that it is %s',
    async scheme => {
      const isTls = ['tls', 'wss', 'socketios'].includes(scheme)
      const script = 'read -r line; echo $SOCKCTL_PROTO $NCAT_PROTO'
      const port = await exec(`${scheme}://127.0.0.1:0`, script, ...(isTls ? ['--tls'] : []))
      const trust = isTls ? ['--insecure', '--quiet'] : []
      const where = `${scheme}://127.0.0.1:${port}`
      const { stdout } = await sockctl(['connect', where, ...trust, '--send', 'x\\n'])
      expect(stdout.trim()).toBe(`${scheme} ${scheme === 'udp' ? 'UDP' : 'TCP'}`)
    },
  )
})

describe.skipIf(!hasPeer('ncat'))('a command of --exec, asked by ncat,', () => {
  const names = ['PROTO', 'REMOTE_ADDR', 'LOCAL_ADDR', 'LOCAL_PORT']
  const script = `read -r line; echo ${names.map(one => `[$NCAT_${one}]`).join(' ')}`

  /** What a command says to `ncat <argv>`. */
  async function ask(argv: readonly string[]): Promise<string> {
    const { child, received } = await startPeer(['ncat', ...argv])
    child.stdin.write('x\n')
    await within(8000, 'an answer', once(child.stdout, 'data'))
    child.kill('SIGTERM')
    return received
  }

  it.each([
    ['tcp', [], []],
    ['tls', ['--ssl'], ['--tls']],
    ['udp', ['-u'], []],
  ] as const)('is told the same as by ncat itself over %s', async (scheme, flags, ours) => {
    const port = await freePort()
    const address = ['127.0.0.1', String(port)]
    const verbose = ['-l', '-v', ...flags, ...address, '--sh-exec', script]
    const { child } = await startPeer(['ncat', ...verbose], /Listening/)
    const theirs = await ask([...flags, ...address])
    child.kill('SIGKILL')
    // It may have gone by itself: it serves one.
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    await exec(`${scheme}://127.0.0.1:${port}`, script, ...ours)
    expect(await ask([...flags, ...address])).toBe(theirs)
  })

  it('is told the same as by ncat itself over a unix socket', async () => {
    const [one, two] = [join(newFolder(), 'one'), join(newFolder(), 'two')]
    await startPeer(['ncat', '-l', '-v', '-U', one, '--sh-exec', script], /Listening/)
    await exec(`unix:${two}`, script)
    expect(await ask(['-U', two])).toBe(await ask(['-U', one]))
  })
})
