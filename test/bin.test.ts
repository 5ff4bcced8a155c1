import { type ChildProcess, execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { within } from './support/deadline.ts'
import {
  type Outcome,
  type Sockctl,
  type SpawnOptions,
  sockctl,
  startServe,
} from './support/sockctl.ts'

const BIN = `${process.execPath} bin/sockctl.js`
const folders: string[] = []
const servers: Sockctl[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

describe('sockctl', () => {
  it('prints its version alone', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    await expect(sockctl(['--version'])).resolves.toEqual(result(0, `${version}\n`))
  })

  it('prints the same help without arguments, for -h and for --help', async () => {
    const help = await sockctl(['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toMatch(/^Commands$/m)
    await expect(sockctl([])).resolves.toEqual(help)
    await expect(sockctl(['-h'])).resolves.toEqual(help)
  })

  it.each([
    [['sevre'], /unknown command "sevre"\n {2}Did you mean sockctl serve\?/],
    [['serve', '--prot', '1'], /unknown option '--prot'\n {2}Did you mean --port\?/],
    [['--versoin'], /unknown option "--versoin"/],
  ])('exits with 2 for the unknown %j, and says what is close', async (argv, message) => {
    const { code, stdout, stderr } = await sockctl(argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  it('loads TLS and HTTP only for what is over them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sockctl-spy-'))
    folders.push(folder)
    const spy = join(folder, 'spy.cjs')
    const list =
      'process.moduleLoadList.some(name => /_tls_wrap$|tls.wrap$|_http_server$/.test(name))'
    await writeFile(spy, `process.on('exit', () => console.error('loaded', ${list}))`)
    // Node reads that file by TLS itself.
    const env = { NODE_OPTIONS: `--require ${spy}`, NODE_EXTRA_CA_CERTS: '' }
    const plain = [
      ['serve', '--for', '1ms'],
      ['connect', '127.0.0.1:1'],
    ]
    for (const argv of plain)
      expect((await sockctl(argv, { env })).stderr).toContain('loaded false')
    for (const url of ['tls://127.0.0.1:1', 'ws://127.0.0.1:1']) {
      expect((await sockctl(['connect', url], { env })).stderr).toContain('loaded true')
    }
  })

  it('runs from any folder, and through a symbolic link', async () => {
    const folder = await temporaryFolder()
    const outcome = await shell(
      `ln -s ${process.cwd()}/bin/sockctl.js sockctl && ./sockctl --help | grep -c '^Usage'`,
      folder,
    )
    expect(outcome).toEqual(result(0, '1\n'))
  })

  it('says how to build a clone that is not built', async () => {
    const folder = await temporaryFolder()
    await cp('bin', join(folder, 'bin'), { recursive: true })
    const outcome = await shell(`${process.execPath} bin/sockctl.js serve`, folder)
    expect(outcome).toEqual(
      result(70, '', 'sockctl: dist/ is not built. In a clone, run: npm run build\n'),
    )
  })

  it('reports an exception that nobody caught as a bug, with 70', async () => {
    const bug = 'process.on("SIGUSR2",()=>{throw(Error("boom"))})'
    const { server } = await listening({
      env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(bug)}` },
    })
    server.child.kill('SIGUSR2')
    const { code, stderr } = await server.outcome()
    expect(code).toBe(70)
    expect(stderr).toMatch(/^sockctl: this is a bug in sockctl\n {2}Error: boom\n/m)
    expect(stderr).toMatch(/Please report it/)
  })
})

describe('stdout of sockctl', () => {
  it.each(['--help', '--version', 'help exit-codes', 'completion bash'])(
    'may be closed early by its reader: %s | true',
    async words => {
      await expect(shell(`{ ${BIN} ${words}; echo $? >&2; } | true`)).resolves.toEqual(
        result(0, '', '0\n'),
      )
    },
  )

  it('gives head its line', async () => {
    const { code, stdout, stderr } = await shell(`{ ${BIN} --help; echo $? >&2; } | head -1`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '0\n' })
    expect(stdout).toMatch(/^\S.*\n$/)
  })

  it.skipIf(process.platform !== 'linux').each(['--help', '--version', 'serve --help'])(
    'is an error when the disk is full: %s > /dev/full',
    async words => {
      const { code, stderr } = await shell(`${BIN} ${words} > /dev/full`)
      expect(code).toBe(4)
      expect(stderr).toMatch(/^sockctl: cannot write to stdout: .*ENOSPC.*\n$/)
    },
  )
})

describe('a signal to sockctl serve', () => {
  it('TERM ends it with 143', async () => {
    const { server } = await listening()
    server.child.kill('SIGTERM')
    await expect(ended(server.child)).resolves.toEqual([143, null])
  })

  it('INT ends it by that signal, so that a shell ends its loop too', async () => {
    const { server } = await listening()
    server.child.kill('SIGINT')
    await expect(ended(server.child)).resolves.toEqual([null, 'SIGINT'])
  })

  it('ends it at once when it is the second, whatever is still open', async () => {
    const { server, port } = await listening()
    const client = connect({ port, host: '127.0.0.1' })
    const closed = new Promise(resolve => client.once('close', resolve))
    client.on('error', () => {})
    await server.says('stderr', /open/)
    server.child.kill('SIGINT')
    await server.says('stderr', /^stopping/m)
    const second = performance.now()
    server.child.kill('SIGINT')
    await expect(ended(server.child)).resolves.toEqual([null, 'SIGINT'])
    await closed
    // One alone would have waited 2 s.
    expect(performance.now() - second).toBeLessThan(1500)
  })
})

/** A server that listens; it is killed after the test if that did not end it. */
async function listening(options?: SpawnOptions): Promise<{ server: Sockctl; port: number }> {
  const started = await startServe(['--port', '0'], options)
  servers.push(started.server)
  return started
}

/** What Node tells of the end of a process: its code, or the signal it died of. */
function ended(child: ChildProcess): Promise<unknown[]> {
  return within(8000, 'the end of sockctl serve', once(child, 'exit'))
}

function result(code: number, stdout: string, stderr = ''): Outcome {
  return { code, stdout, stderr }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sockctl-bin-'))
  folders.push(folder)
  return folder
}

/** Runs a line of sh in a folder. */
function shell(line: string, cwd = '.'): Promise<Outcome> {
  return new Promise(resolve => {
    const child = execFile('sh', ['-c', line], { cwd }, (_error, stdout, stderr) => {
      resolve(result(child.exitCode ?? -1, stdout, stderr))
    })
    child.stdin?.end()
  })
}
