import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findCgroupRoot } from '../../../../src/inspect/owners/cgroup/tree.ts'
import { within } from '../../../support/deadline.ts'
import { hasPeer } from '../../../support/peers.ts'
import { sockctl } from '../../../support/sockctl.ts'

const root = process.platform === 'linux' ? findCgroupRoot('/proc') : undefined
const canMakeContainers = root !== undefined && process.getuid?.() === 0 && hasPeer('python3')

const ID = `${process.pid}`.padEnd(64, 'c')
const UNIT = `sockctl-${process.pid}.service`
const SERVER = `
import socket, sys
door = socket.create_server(('127.0.0.1', 0))
print(door.getsockname()[1], flush=True)
sys.stdin.read()
`

interface Member {
  readonly child: ChildProcess
  readonly port: number
  close(): Promise<void>
}

/** A process that listens in a cgroup of its own: what a container is, and a unit. */
async function memberOf(folder: string): Promise<Member> {
  mkdirSync(folder)
  const script = 'echo $$ > "$0/cgroup.procs" && exec python3 -c "$1"'
  const child = spawn('sh', ['-c', script, folder, SERVER], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await within(8000, 'a port', once(createInterface(child.stdout), 'line'))
  const close = async (): Promise<void> => {
    const ended = once(child, 'close')
    child.stdin.end()
    await within(5000, 'the end of the server', ended)
    rmdirSync(folder)
  }
  return { child, port: Number(line), close }
}

describe.skipIf(!canMakeContainers)('a filter that asks where a holder runs', () => {
  let folder: string
  let engine: Server
  let container: Member
  let unit: Member

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sockctl-look-ups-'))
    // What the Docker Engine API documents for GET /containers/{id or name}/json.
    engine = createServer((request, response) => {
      const isKnown = [`/containers/${ID}/json`, '/containers/shop/json'].includes(
        request.url ?? '',
      )
      const body = isKnown
        ? {
            Id: ID,
            Name: '/shop',
            State: { Pid: container.child.pid },
            Config: { Image: 'shop:1' },
          }
        : { message: 'No such container' }
      response.writeHead(isKnown ? 200 : 404).end(JSON.stringify(body))
    })
    await once(engine.listen(join(folder, 'docker.sock')), 'listening')
    container = await memberOf(join(root ?? '', `docker-${ID}.scope`))
    unit = await memberOf(join(root ?? '', UNIT))
  })

  afterAll(async () => {
    await unit?.close()
    await container?.close()
    engine?.closeAllConnections()
    engine?.close()
    rmSync(folder, { recursive: true })
  })

  const inspect = (...argv: string[]) =>
    sockctl(['inspect', ...argv], { env: { DOCKER_HOST: `unix://${folder}/docker.sock` } })

  /** The ports of the listeners that are shown. */
  async function listeners(...argv: string[]): Promise<number[]> {
    const { stdout } = await inspect('-tl', '--json', ...argv)
    return JSON.parse(stdout).sockets.map((one: { local: { port: number } }) => one.local.port)
  }

  it('finds a container by the name that its engine tells', async () => {
    expect(await listeners('container = shop')).toEqual([container.port])
  })

  it('finds it by its id', async () => {
    expect(await listeners(`container = ${ID.slice(0, 12)}`)).toEqual([container.port])
    expect(await listeners(`container = ${ID}`)).toEqual([container.port])
  })

  it('finds it by --container too, and shows which it is', async () => {
    const argv = ['--container', 'shop', '-tl', '--columns', 'local,container']
    const { code, stdout } = await inspect(...argv)
    const row = stdout.trimEnd().split('\n').at(-1)
    expect(row).toMatch(new RegExp(`^127\\.0\\.0\\.1:${container.port} +${ID.slice(0, 12)}$`))
    expect(code).toBe(0)
  })

  it('finds a unit by its name', async () => {
    expect(await listeners(`unit = ${UNIT}`)).toEqual([unit.port])
    const { stdout } = await inspect('-tl', `unit = ${UNIT}`, '--columns', 'unit', '-H')
    expect(stdout).toBe(`${UNIT}\n`)
  })

  it('answers no where nothing runs in such a one', async () => {
    const { code, stderr } = await inspect('container = no-such and sport = :1')
    expect(stderr).toContain('there is no socket that matches container = no-such and sport = :1\n')
    expect(code).toBe(1)
  })
})
