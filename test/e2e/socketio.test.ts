import { afterEach, describe, expect, it } from 'vitest'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'

const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

async function serve(...argv: readonly string[]) {
  const started = await startServe(argv)
  running.push(started.server)
  return started
}

describe('socketio:// on the command line', () => {
  it('takes a line for a message, and hears the answer to the last one', async () => {
    const { server, port } = await serve('socketio://:0/chat')
    const where = `socketio://127.0.0.1:${port}/chat`
    const talk = await sockctl(['connect', where], { stdin: 'one\ntwo' })
    expect(talk).toMatchObject({ code: 0, stdout: 'one\ntwo\n' })
    await server.says(
      'stderr',
      /^#1 close .* in 6 B \(2 messages\) {2}out 6 B \(2 messages\) .*FIN/m,
    )
    const asked = await sockctl(['connect', where, '--send', 'a\nb', '--expect', 'b'])
    expect(asked).toMatchObject({ code: 0, stdout: 'a\nb\n' })
  })

  it('leaves a server alone that has not let it in', async () => {
    const { port } = await serve('socketio://:0/chat')
    const argv = ['connect', `socketio://127.0.0.1:${port}/other`, '--send', 'x']
    const tries = await Promise.all(Array.from({ length: 6 }, () => sockctl(argv)))
    expect(tries.map(({ code }) => code)).toEqual([6, 6, 6, 6, 6, 6])
  })

  it('says what is wrong, with the exit code of it', async () => {
    const { port } = await serve('socketio://:0/chat')
    const other = await sockctl(['connect', `socketio://127.0.0.1:${port}/other`, '--send', 'x'])
    expect(other).toMatchObject({ code: 6 })
    expect(other.stderr).toContain('the server says "Invalid namespace"')
    const nobody = await sockctl(['connect', 'socketio://127.0.0.1:1/', '--send', 'x'])
    expect(nobody.code).toBe(4)
  })
})
