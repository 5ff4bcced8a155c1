import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { afterEach, describe, expect, it } from 'vitest'
import { within } from '../support/deadline.ts'
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

  it.each(['ws', 'socketio'])('counts over %s what has gone over the wire', async scheme => {
    const { server, port } = await serve(`${scheme}://127.0.0.1:0`)
    const argv = ['connect', '--stats', `${scheme}://127.0.0.1:${port}`, '--send', 'hello']
    const { code, stderr } = await sockctl([...argv, '--bytes', '5'])
    expect(code).toBe(0)
    const [, counted] = await server.says('stderr', /#1 close {2}\S+ {2}(in .*? {2}out .*?) {2}/)
    expect(stderr).toContain(`${counted}  `)
    expect(counted).toBe('in 5 B (1 message)  out 5 B (1 message)')
  })

  it('speaks by the event that is asked for, and can wait for one of a given name', async () => {
    const http = createServer()
    const stock = new Server(http)
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    stock.on('connection', socket => {
      socket.on('chat', text => {
        socket.emit('typing', { who: 'bob' })
        socket.emit('chat', `you said ${text}`)
        socket.emit('done', 1, true)
      })
    })
    const { port } = http.address() as { port: number }
    const say = ['connect', `socketio://127.0.0.1:${port}`, '--event', 'chat', '--send', 'hi']
    try {
      const all = await sockctl([...say, '--expect', '^\\["done"'])
      const lines = '["typing",{"who":"bob"}]\nyou said hi\n["done",1,true]\n'
      expect(all).toMatchObject({ code: 0, stdout: lines })
      const one = await sockctl([...say, '--on', 'chat', '--lines', '1'])
      expect(one).toMatchObject({ code: 0, stdout: 'you said hi\n' })
      const two = await sockctl([...say, '--on', 'chat', '--on', 'done', '--lines', '2'])
      expect(two).toMatchObject({ code: 0, stdout: 'you said hi\n["done",1,true]\n' })
    } finally {
      await stock.close()
    }
  })

  it('serves by the event that is asked for', async () => {
    const { port } = await serve('socketio://:0', '--event', 'chat', '--on', 'chat')
    const socket = io(`http://127.0.0.1:${port}`, { reconnection: false })
    const heard = new Promise(resolve => socket.on('chat', resolve))
    socket.emit('typing')
    socket.emit('chat', 'hi')
    expect(await within(8000, 'the echo', heard)).toBe('hi')
    socket.disconnect()
  })

  it('says what the events are for, and which are not for us', async () => {
    const tcp = await sockctl(['connect', ':1', '--event', 'chat'])
    expect(tcp).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--event is for Socket.IO'),
    })
    const reserved = await sockctl(['serve', 'socketio://:0', '--event', 'disconnect'])
    expect(reserved).toMatchObject({ code: 2, stderr: expect.stringContaining('"disconnect"') })
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
