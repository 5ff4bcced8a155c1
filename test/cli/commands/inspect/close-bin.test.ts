import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { within } from '../../../support/deadline.ts'
import { asNobody, canBeNobody } from '../../../support/nobody.ts'
import { endPortHoldersAfterEach, holdPort, type PortHolder } from '../../../support/port-holder.ts'
import { ON_A_TERMINAL } from '../../../support/pty.ts'
import { Sockctl, sockctl } from '../../../support/sockctl.ts'
import { hasSocketsInStates } from '../../../support/sockets-in-states.ts'

/** In a network of its own: a listener, a connection, and one whose other end has closed (CLOSE-WAIT). */
const SCRIPT = `
import os, socket, sys
os.system('ip link set lo up')
door = socket.create_server(('127.0.0.1', 7000))
client = socket.create_connection(('127.0.0.1', 7000))
server, _ = door.accept()
client2 = socket.create_connection(('127.0.0.1', 7000))
server2, _ = door.accept()
client2.shutdown(socket.SHUT_WR)
print(os.getpid(), flush=True)
sys.stdin.readline()
said = []
for one in (server, client):
    one.settimeout(0.2)
    try: said.append(repr(one.recv(1)))
    except OSError as error: said.append(error.strerror or str(error))
new = socket.create_connection(('127.0.0.1', 7000), timeout=5)
door.accept()
print('; '.join(said), '; accepts', flush=True)
`

endPortHoldersAfterEach()

describe.runIf(hasSocketsInStates && process.getuid?.() === 0)('sockctl inspect --close', () => {
  const made = (): Promise<PortHolder> => holdPort(['unshare', '-n', 'python3', '-c', SCRIPT])
  const inside = ({ pid }: PortHolder) => ['nsenter', '-t', `${pid}`, '-n']
  const CONNECTION = ['inspect', 'state', 'established', 'sport = :7000']

  async function verdict({ child }: PortHolder): Promise<string> {
    const said = once(createInterface(child.stdout ?? process.stdin), 'line')
    child.stdin?.write('\n')
    return String((await within(8000, 'the verdict', said))[0])
  }

  it('ends the connection that was selected, and nothing else', async () => {
    const place = await made()
    const run = await sockctl([...CONNECTION, '--close', '--yes', '--json'], {
      through: inside(place),
    })
    expect(run.stderr).toBe(
      `1 ESTAB of python3 (pid ${place.pid})\n1 ended, 0 gone before, 0 failed\n`,
    )
    expect(JSON.parse(run.stdout)).toMatchObject({
      schema: 1,
      source: 'sock-diag',
      results: [
        {
          action: 'close',
          outcome: 'closed',
          protocol: 'tcp',
          state: 'established',
          local: { host: '127.0.0.1', port: 7000 },
          pids: [place.pid],
        },
      ],
    })
    expect(run.code).toBe(0)
    expect(await verdict(place)).toBe(
      'Software caused connection abort; Connection reset by peer ; accepts',
    )
  })

  it('leaves the connection of the ssh server above it alone, which sudo does not name', async () => {
    const sshd = `
import ctypes, os, socket, subprocess
subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
ctypes.CDLL(None).prctl(15, b'sshd', 0, 0, 0)
door = socket.create_server(('127.0.0.1', 7000))
client = socket.create_connection(('127.0.0.1', 7000))
served = door.accept()[0]
env = {key: value for key, value in os.environ.items() if key != 'SSH_CONNECTION'}
run = subprocess.run(['${process.execPath}', 'bin/sockctl.js', 'inspect', 'sport = :7000', '--close', '--yes'], env=env, stderr=subprocess.PIPE)
print(run.stderr.decode())
served.send(b'x')
print(client.recv(1))
`
    const { stdout } = await promisify(execFile)('unshare', ['-n', 'python3', '-c', sshd])
    expect(stdout).toContain('This session itself is left alone: ssh came in by it')
    expect(stdout).toContain("b'x'")
  })

  it('says that a process keeps the descriptor of what was in CLOSE-WAIT', async () => {
    const place = await made()
    const words = ['inspect', '--state', 'close-wait', '--pid', `${place.pid}`, '--close']
    const run = await sockctl([...words, '--yes'], { through: inside(place) })
    expect(run.stderr).toBe(
      `1 CLOSE-WAIT of python3 (pid ${place.pid})
1 ended, 0 gone before, 0 failed
python3 (pid ${place.pid}) keeps 1 descriptor open: only the program itself can close it, or its restart
`,
    )
    const again = await sockctl([...words, '--yes'], { through: inside(place) })
    expect(again.code).toBe(1)
  })

  it('leaves listeners alone, whatever selects them', async () => {
    const place = await made()
    const run = await sockctl(['inspect', '-tl', 'sport = :7000', '--close', '--yes'], {
      through: inside(place),
    })
    expect(run.stderr).toContain('1 socket left alone: listeners')
    expect(run.code).toBe(1)
    expect(await verdict(place)).toMatch(/accepts$/)
  })

  it('does nothing without a terminal or --yes, nor with --dry-run', async () => {
    const place = await made()
    const through = inside(place)
    expect(await sockctl([...CONNECTION, '--close'], { through })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing was ended: there is no terminal to ask on'),
    })
    expect(await sockctl([...CONNECTION, '--close', '--dry-run'], { through })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('1 connection would be ended'),
    })
    expect(await verdict(place)).not.toContain('abort')
  })

  it('asks on a terminal', async () => {
    const place = await made()
    for (const [answer, code] of [
      ['n\n', 1],
      ['y\n', 0],
    ] as const) {
      await using run = new Sockctl([...CONNECTION, '--close'], {
        through: [...inside(place), ...ON_A_TERMINAL],
      })
      await run.says('stdout', /End 1 connection\? \[y\/N\] /)
      run.child.stdin?.write(answer)
      expect((await run.outcome()).code).toBe(code)
    }
  })

  it.skipIf(!canBeNobody)('tells users without the right what to type', async () => {
    const place = await made()
    const run = await sockctl([...CONNECTION, '--close', '--yes'], {
      through: asNobody(inside(place)),
    })
    expect(run.code).toBe(8)
    expect(run.stderr).toContain('cannot end connections: that takes CAP_NET_ADMIN\n')
    expect(run.stderr).toMatch(
      /As root: sudo env "PATH=\$PATH" (?:npx )?sockctl inspect state established/,
    )
  })

  it.skipIf(!canBeNobody)('does not promise what the user may not do', async () => {
    const place = await made()
    const run = await sockctl([...CONNECTION, '--close', '--dry-run', '--json'], {
      through: asNobody(inside(place)),
    })
    expect(run.stderr).toMatch(
      /\n1 connection would be ended, but that takes CAP_NET_ADMIN\nAs root: sudo env "PATH=\$PATH" (?:npx )?sockctl inspect state established .*--close --dry-run --json\n$/,
    )
    expect(JSON.parse(run.stdout).results).toMatchObject([{ action: 'close', outcome: 'denied' }])
    expect(run.code).toBe(8)
  })

  it.skipIf(!canBeNobody)('tells a root without the right where that comes from', async () => {
    const place = await made()
    for (const argv of [
      ['--close', '--yes'],
      ['--close', '--dry-run'],
    ]) {
      const run = await sockctl([...CONNECTION, ...argv], {
        through: [
          ...inside(place),
          'setpriv',
          '--bounding-set=-net_admin',
          '--inh-caps=-net_admin',
        ],
      })
      expect(run.stderr).toContain('that takes CAP_NET_ADMIN\n')
      expect(run.stderr).toMatch(/\n {0,2}This root does not have it\. .* --cap-add NET_ADMIN\n$/)
      expect(run.stderr).not.toContain('sudo')
      expect(run.code).toBe(8)
    }
  })

  it('leaves the ssh connection alone by which the user is here', async () => {
    const place = await made()
    const list = await sockctl([...CONNECTION, '--json'], { through: inside(place) })
    const [{ remote }] = JSON.parse(list.stdout).sockets
    const run = await sockctl([...CONNECTION, '--close', '--yes'], {
      through: inside(place),
      env: { SSH_CONNECTION: `127.0.0.1 ${remote.port} 127.0.0.1 7000` },
    })
    expect(run.stderr).toContain('This session itself is left alone')
    expect(run.code).toBe(1)
  })
})

describe('sockctl inspect --close', () => {
  it.each([['--close'], ['--state', 'established', '--close'], ['-ta', '--close']])(
    'refuses to end everything: %s %s %s',
    async (...words) => {
      const run = await sockctl(['inspect', ...words])
      expect(run.code).toBe(2)
      expect(run.stderr).toContain('--close needs to be told which')
    },
  )

  it('needs a source that tells sockets apart', async () => {
    const run = await sockctl(['inspect', '80', '--close', '--source', 'procfs'])
    expect(run.code).toBe(9)
    expect((await sockctl(['inspect', '80', '--close', '--netns', 'all'])).code).toBe(2)
  })
})
