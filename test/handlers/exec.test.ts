import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type ExecSettings, exec } from '../../src/handlers/exec.ts'
import { within } from '../support/deadline.ts'
import { hasPeer } from '../support/peers.ts'
import { readAll } from '../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  newFolder,
  openDescriptors,
  type Started,
  startSession,
} from '../support/serve-session.ts'

endSessionsAfterEach()

const { env } = process

function run(command: readonly string[], settings: Partial<ExecSettings> = {}): Promise<Started> {
  return startSession(exec({ command, env, stderr: new PassThrough().resume(), ...settings }))
}

function sh(script: string, settings: Partial<ExecSettings> = {}): Promise<Started> {
  return run(['sh', '-c', script], settings)
}

/** Sends, ends our side, and reads to the end. */
async function ask(server: Started, question: string | Buffer): Promise<string> {
  const client = await dialRaw(server.port)
  const answer = readAll(client)
  client.end(question)
  return String(await within(8000, 'answer', answer))
}

/** The pid that a script has written to a file, as soon as it is there. */
async function pidIn(file: string): Promise<number> {
  const look = async (): Promise<number> => {
    while (!existsSync(file) || !readFileSync(file, 'utf8').endsWith('\n')) await sleep(10)
    return Number(readFileSync(file, 'utf8'))
  }
  return within(5000, file, look())
}

/** Waits until a process has gone; a zombie has. */
async function gone(pid: number): Promise<void> {
  const look = async (): Promise<void> => {
    while (isRunning(pid)) await sleep(10)
  }
  await within(8000, `end of process ${pid}`, look())
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe('exec', () => {
  it('gives the command what the peer sends, and the peer what it says', async () => {
    const server = await run(['cat'])
    const client = await dialRaw(server.port)
    client.write('one')
    expect(String((await once(client, 'data'))[0])).toBe('one')
    const rest = readAll(client)
    client.end('two')
    expect(String(await rest)).toBe('two')
    expect(await server.event('close')).toMatchObject({ by: 'peer', how: 'fin' })
    expect(server.notes()).toEqual([])
  })

  it('ends stdin at the end of the peer, and delivers what the command says after that', async () => {
    expect(await ask(await run(['sort']), 'b\nc\na\n')).toBe('a\nb\nc\n')
    expect(await ask(await sh('cat >/dev/null; sleep 0.7; echo late'), 'x')).toBe('late\n')
  })

  it('hands the arguments on as they are: no shell reads them', async () => {
    const server = await run(['printf', '%s|', '$HOME', 'a b', '*'])
    expect(await ask(server, '')).toBe('$HOME|a b|*|')
  })

  it('tells the command about its conversation', async () => {
    const server = await sh('env | grep -E "^(SOCKCTL|NCAT)_" | grep -v REQUIRE_PEERS | sort')
    const client = await dialRaw(server.port)
    const answer = readAll(client)
    const variables = Object.fromEntries(
      String(await answer)
        .trim()
        .split('\n')
        .map(line => line.split('=')),
    )
    const told = {
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_PORT: String(client.localPort),
      LOCAL_ADDR: '127.0.0.1',
      LOCAL_PORT: String(server.port),
    }
    const named = (prefix: string) =>
      Object.fromEntries(Object.entries(told).map(([name, value]) => [`${prefix}_${name}`, value]))
    expect(variables).toEqual({
      ...named('SOCKCTL'),
      SOCKCTL_PROTO: 'tcp',
      SOCKCTL_CONNECTION_ID: '1',
      ...named('NCAT'),
      NCAT_PROTO: 'TCP',
    })
  })

  it('tells of a path where there is one, and passes no port on that it was given itself', async () => {
    const server = await sh('echo "$SOCKCTL_PROTO $SOCKCTL_LOCAL_ADDR [$NCAT_LOCAL_PORT]"', {
      env: { ...env, NCAT_LOCAL_PORT: '80' },
    })
    const client = await dialRaw(server.path)
    expect(String(await readAll(client))).toBe(`unix ${server.path} []\n`)
  })

  it('starts one command for each peer', async () => {
    const server = await sh('read name; echo "hello $name from $$"')
    const answers = await Promise.all(['ana', 'bob'].map(name => ask(server, `${name}\n`)))
    expect(answers.map(answer => answer.split(' ')[1])).toEqual(['ana', 'bob'])
    expect(new Set(answers.map(answer => answer.split(' ')[3])).size).toBe(2)
  })

  it('takes a command that does not read, and one that reads only a part', async () => {
    const question = Buffer.alloc(4 * 1024 * 1024)
    expect(await ask(await run(['echo', 'hi']), question)).toBe('hi\n')
    expect(await ask(await sh('head -c 1 >/dev/null; echo enough'), question)).toBe('enough\n')
  })

  it('delivers everything to a peer that reads slowly', async () => {
    const server = await sh('head -c 8000000 /dev/zero')
    const client = await dialRaw(server.port)
    client.end()
    client.pause()
    // Longer than a peer is waited for that has everything and does not end.
    await sleep(3000)
    const received = readAll(client)
    client.resume()
    expect((await received).length).toBe(8_000_000)
  })

  it('writes stderr where it is told to', async () => {
    const stderr = new PassThrough()
    const server = await sh('echo oops >&2', { stderr })
    await ask(server, '')
    expect(String(stderr.read())).toBe('oops\n')
  })

  it('notes how the command ended, if not with 0', async () => {
    const failing = await sh('exit 3')
    await ask(failing, '')
    await failing.event('close')
    expect(failing.notes()).toEqual(['sh exited with 3'])
    const killed = await sh('kill -SEGV $$')
    await ask(killed, '')
    await killed.event('close')
    expect(killed.notes()).toEqual(['sh was ended by SIGSEGV'])
  })

  it('resets the peer when the command cannot be started', async () => {
    const server = await run(['/no/such/command'])
    const visit = dialRaw(server.port).then(readAll)
    await expect(visit).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await server.event('close')).toMatchObject({
      how: 'error',
      error: expect.stringMatching(/^cannot run "\/no\/such\/command": .*ENOENT/),
    })
  })
})

describe.runIf(process.platform === 'linux')('exec, when the peer is gone,', () => {
  it('ends the command and what it has started', async () => {
    const file = join(newFolder(), 'pid')
    const server = await sh(`sleep 1000 & echo $! > ${file}; wait`)
    const client = await dialRaw(server.port)
    const pid = await pidIn(file)
    client.resetAndDestroy()
    await gone(pid)
    expect(await server.event('close')).toMatchObject({ by: 'peer', how: 'rst' })
    expect(server.notes()).toEqual([])
  })

  it('kills those that do not go when they are asked', async () => {
    const file = join(newFolder(), 'pid')
    const server = await sh(`trap '' TERM; echo $$ > ${file}; while :; do sleep 0.1; done`, {
      graceMs: 200,
    })
    const client = await dialRaw(server.port)
    const pid = await pidIn(file)
    client.resetAndDestroy()
    await gone(pid)
    await server.event('close')
    expect(server.notes()).toEqual(['sh was killed: still there 200 ms after SIGTERM'])
  })

  it('kills what the command has left behind in the background', async () => {
    const file = join(newFolder(), 'pid')
    const server = await sh(`(trap '' TERM; sleep 1000 & echo $! > ${file}; wait) & exit 0`, {
      graceMs: 200,
    })
    const client = await dialRaw(server.port)
    const pid = await pidIn(file)
    client.resetAndDestroy()
    await gone(pid)
  })

  it('lets a command finish that is no longer heard', async () => {
    const file = join(newFolder(), 'done')
    const server = await sh(`cat >/dev/null; exec >&-; sleep 0.5; echo 1 > ${file}`)
    expect(await ask(server, 'x')).toBe('')
    await server.event('close')
    expect(existsSync(file)).toBe(true)
  })

  it('ends the command when the session is stopped', async () => {
    const file = join(newFolder(), 'pid')
    const server = await sh(`echo $$ > ${file}; exec sleep 1000`)
    await dialRaw(server.port)
    const pid = await pidIn(file)
    server.session.abandon()
    await server.session.over
    expect(isRunning(pid)).toBe(false)
  })

  it('leaves neither processes nor descriptors behind', async () => {
    const server = await run(['cat'])
    await ask(server, 'warm up')
    await server.event('close', 1)
    const before = openDescriptors()
    const visits = Array.from({ length: 60 }, async (_, index) => {
      const client = await dialRaw(server.port)
      client.write('hello')
      await once(client, 'data')
      if (index % 2 === 0) client.resetAndDestroy()
      else client.end()
      if (!client.closed) await once(client.resume(), 'close')
    })
    await Promise.all(visits)
    await server.event('close', 61)
    expect(openDescriptors()).toBe(before)
    expect(children()).toEqual([])
  })
})

/** How each client connects to a port and keeps its input open. */
const CLIENTS = {
  'nc.openbsd': (port: number) => ['127.0.0.1', String(port)],
  ncat: (port: number) => ['127.0.0.1', String(port)],
  socat: (port: number) => ['-', `TCP:127.0.0.1:${port}`],
}

describe('exec, when its client is killed,', () => {
  for (const [name, args] of Object.entries(CLIENTS)) {
    it.skipIf(!hasPeer(name))(`ends the command (${name})`, async () => {
      const server = await sh('echo $$; exec cat')
      const client = spawn(name, args(server.port))
      const pid = Number((await once(client.stdout, 'data'))[0])
      expect(isRunning(pid)).toBe(true)
      client.kill('SIGKILL')
      await gone(pid)
      await server.event('close')
    })
  }
})

/** The commands of this process that are still there. */
function children(): string[] {
  return readdirSync('/proc').filter(name => {
    try {
      const [, parent] = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8')) ?? []
      return (
        Number(parent) === process.pid && readFileSync(`/proc/${name}/comm`, 'utf8') === 'cat\n'
      )
    } catch {
      return false
    }
  })
}
