import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Sockctl, sockctl } from '../../../support/sockctl.ts'

const closers: (() => unknown)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function listening(): Promise<number> {
  const server = createServer(socket => socket.on('error', () => {}).resume())
  closers.push(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as { port: number }).port
}

async function dial(port: number) {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {})
  closers.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

function parsed(stdout: string) {
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

describe.skipIf(process.platform !== 'linux')('sockctl inspect --watch, on a pipe', () => {
  it('writes what is there, and then what happens, as JSON lines', async () => {
    const port = await listening()
    await using run = new Sockctl(['inspect', `${port}`, '--watch', '100ms', '--json'])
    await run.says('stdout', /"event":"socket".*"state":"listen"/)
    const client = await dial(port)
    await run.says('stdout', /(?:"event":"open"[\s\S]*){2}/)
    const local = client.localPort
    const closed = once(client, 'close')
    client.end()
    await closed
    await run.says('stdout', /"event":"state".*"state":"time-wait"/)
    run.child.kill('SIGINT')
    const { code, stdout } = await run.outcome()
    expect(code).toBe(130)
    const events = parsed(stdout)
    expect(events[0]).toMatchObject({ event: 'snapshot', schema: 1 })
    for (const event of events) expect(event.time).toMatch(/^\d{4}-.*Z$/)
    const own = events.filter(one => one.local?.port === local)
    expect(own[0]).toMatchObject({ event: 'open', state: 'established' })
    const over = own.find(one => one.state === 'time-wait')
    expect(over).toMatchObject({
      event: 'state',
      ownership: 'kernel',
      leftBy: [expect.objectContaining({ pid: process.pid })],
    })
    expect(over.stateBefore).not.toBe('time-wait')
    expect(new Set(own.map(one => one.cookie)).size).toBe(1)
  })

  it('writes a line for each change that grep finds', async () => {
    const port = await listening()
    await using run = new Sockctl(['inspect', `${port}`, '--watch', '100ms', '--changes-only'])
    await run.says('stdout', /^TIME +EVENT +PROTO/)
    const client = await dial(port)
    await run.says('stdout', /^[\d:.]{12} {2}open +tcp +ESTAB .*127\.0\.0\.1:\d+/m)
    client.resetAndDestroy()
    await run.says('stdout', /^[\d:.]{12} {2}close +tcp +ESTAB /m)
    expect(run.stdout).not.toContain('LISTEN')
  })

  it('watches by process, and stops after --count', async () => {
    await listening()
    const argv = ['inspect', '--pid', `${process.pid}`, '-t', '--state', 'listen']
    const { code, stdout } = await sockctl([...argv, '--watch', '100ms', '--count', '2'])
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`here +tcp +LISTEN .*pid=${process.pid} `))
  })

  it('reads the tables of another /proc', async () => {
    const port = await listening()
    const argv = ['inspect', `${port}`, '--proc', '/proc/self/root/proc', '--watch', '100ms']
    await using run = new Sockctl([...argv, '--ndjson'])
    await run.says('stdout', /"source":"procfs"[\s\S]*"state":"listen"/)
    await dial(port)
    await run.says('stdout', /"event":"open".*"state":"established"/)
  })

  it.each([
    [['-s'], '-s does not go with --watch'],
    [['--csv'], '--csv does not go with --watch'],
    [['--group-by', 'state'], '--group-by does not go with --watch'],
    [['-'], '"-" does not go with --watch'],
  ])('refuses %j', async (argv, message) => {
    const { code, stderr } = await sockctl(['inspect', ...argv, '--watch'])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
