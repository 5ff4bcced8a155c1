import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { portForDaemon } from '../support/daemon.ts'
import { within } from '../support/deadline.ts'
import { type Sockctl, startServe } from '../support/sockctl.ts'

const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

async function serve(...argv: readonly string[]): Promise<Sockctl> {
  const { server } = await startServe(argv)
  running.push(server)
  return server
}

const CONVERSATIONS = 200
const AT_A_TIME = 10

/** Says something through a forwarder, and tells whether all of it came back, and nothing else. */
async function converse(port: number, id: number): Promise<boolean> {
  // The forwarder takes clients at different addresses for different ones.
  const localAddress = `127.0.1.${1 + (id % 50)}`
  const socket = connect({ host: '127.0.0.1', port, localAddress })
  let heard = ''
  socket.on('error', () => {})
  socket.on('data', chunk => {
    heard += chunk
    // Only when it is answered is it over: until then it is open to the target.
    socket.end()
  })
  socket.write(`hello ${id}`)
  await within(8000, `the end of #${id}`, new Promise(resolve => socket.once('close', resolve)))
  return heard === `hello ${id}`
}

describe('serve --forward to two targets, of which one is killed and comes again', () => {
  it.each(['least', 'hash', 'round-robin'])(
    'with --balance %s only fails who was talking to that one',
    async balance => {
      const [one, other] = [await portForDaemon(), await portForDaemon()]
      const echo = (port: number) => serve(`tcp://127.0.0.1:${port}`, '--echo')
      const [victim] = [await echo(one), await echo(other)]
      const targets = ['--forward', `127.0.0.1:${one}`, '--forward', `127.0.0.1:${other}`]
      const { server, port } = await startServe([
        ...['tcp://127.0.0.1:0', ...targets, '--balance', balance, '--health', '1s'],
      ])
      running.push(server)

      let begun = 0
      const failed: number[] = []
      const talk = async (until: number): Promise<void> => {
        while (begun < until) {
          const id = begun++
          if (!(await converse(port, id))) failed.push(id)
        }
      }
      const talkAll = (until: number) =>
        Promise.all(Array.from({ length: AT_A_TIME }, () => talk(until)))

      await talkAll(60)
      expect(failed).toEqual([])
      const traffic = talkAll(140)
      victim.child.kill('SIGKILL')
      await once(victim.child, 'close')
      await traffic
      await server.says('stderr', /left out until it answers/)
      const broken = failed.length
      await echo(one)
      await server.says('stderr', new RegExp(`tcp://127.0.0.1:${one} answers again`))
      const before = talksTo(server, one)
      await talkAll(CONVERSATIONS)

      expect(begun).toBe(CONVERSATIONS)
      expect(failed).toHaveLength(broken)
      expect(broken).toBeLessThanOrEqual(AT_A_TIME)
      // Each is in the log, with who has broken it off.
      const reset = new RegExp(
        `#\\d+ close .* tcp://127\\.0\\.0\\.1:${one}: .*\\((ECONNRESET|EPIPE)\\)`,
        'g',
      )
      expect(server.stderr.match(reset) ?? []).toHaveLength(broken)
      expect(talksTo(server, one)).toBeGreaterThan(before)
    },
    30_000,
  )
})

function talksTo({ stderr }: Sockctl, port: number): number {
  return stderr.split(`forwarding to tcp://127.0.0.1:${port}`).length - 1
}
