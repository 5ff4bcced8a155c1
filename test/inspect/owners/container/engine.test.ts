import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engineSockets, engines } from '../../../../src/inspect/owners/container/engine.ts'

const ID = '0123456789abcdef'.repeat(4)

/** What the Docker Engine API documents for GET /containers/{id}/json, as far as it is read. */
const WEB = {
  Id: ID,
  Name: '/web',
  State: { Status: 'running', Running: true, Pid: 4711 },
  Image: 'sha256:1234',
  Config: { Hostname: '0123456789ab', Image: 'nginx:1.27' },
}

describe.skipIf(process.platform === 'win32')('engines', () => {
  let folder: string
  let socket: string
  let server: Server
  let asked: string[]

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sockctl-engine-'))
    socket = join(folder, 'docker.sock')
    asked = []
  })

  afterEach(async () => {
    server?.closeAllConnections()
    server?.close()
    rmSync(folder, { recursive: true })
  })

  async function listen(answer: RequestListener): Promise<void> {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      answer(request, response)
    })
    await once(server.listen(socket), 'listening')
  }

  const json =
    (status: number, body: unknown): RequestListener =>
    (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }

  it('finds the container to which a port leads, and what Compose calls it', async () => {
    const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'db' }
    await listen((request, response) => {
      const isList = request.url?.startsWith('/containers/json')
      const one = { ...WEB, Config: { ...WEB.Config, Labels: labels } }
      json(200, isList ? [{ Id: ID }] : one)(request, response)
    })
    const { publishing } = engines({ sockets: [socket] })
    expect(await publishing(8080)).toMatchObject({
      name: 'web',
      compose: { project: 'shop', service: 'db' },
    })
    const filters = encodeURIComponent('{"publish":["8080"]}')
    expect(asked[0]).toBe(`GET /containers/json?filters=${filters}`)
  })

  it.each([[[]], [{}], [[{ Id: 7 }]]])('knows none where the list is %j', async list => {
    await listen(json(200, list))
    expect(await engines({ sockets: [socket] }).publishing(8080)).toBeUndefined()
  })

  it('finds a container by its name or id, and asks for each once', async () => {
    await listen(json(200, WEB))
    const { find } = engines({ sockets: ['/no/docker.sock', socket] })
    const expected = { id: ID, name: 'web', image: 'nginx:1.27', pid: 4711 }
    expect(await find('web')).toEqual(expected)
    expect(await find('web')).toEqual(expected)
    expect(await find(ID)).toEqual(expected)
    expect(asked).toEqual(['GET /containers/web/json', `GET /containers/${ID}/json`])
  })

  it('knows that one does not run', async () => {
    await listen(json(200, { ...WEB, State: { Running: false, Pid: 0 } }))
    expect(await engines({ sockets: [socket] }).find('web')).toMatchObject({ pid: undefined })
  })

  it('keeps what was typed within its part of the path', async () => {
    await listen(json(404, { message: 'No such container' }))
    expect(await engines({ sockets: [socket] }).find('../info?x')).toBeUndefined()
    expect(asked).toEqual(['GET /containers/..%2Finfo%3Fx/json'])
  })

  it.each<[string, RequestListener]>([
    ['is no JSON', (_, response) => response.end('<html>')],
    ['is something else', json(200, [1])],
    ['lacks the name', json(200, { Id: ID })],
    [
      'is cut off',
      (request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{')
        request.socket.end()
      },
    ],
    [
      'is endless',
      (_, response) => {
        const more = (error?: Error | null): unknown =>
          (error ?? response.destroyed) || response.write('x'.repeat(65_536), more)
        more()
      },
    ],
    ['does not come', () => {}],
  ])('knows nothing where an answer %s', async (_, answer) => {
    await listen(answer)
    expect(await engines({ sockets: [socket], timeoutMs: 1500 }).find('web')).toBeUndefined()
    expect(asked).toHaveLength(1)
  })
})

describe('engineSockets', () => {
  it('puts the one that is named first, if it is of this machine', () => {
    const env = { DOCKER_HOST: 'unix:///tmp/d.sock', XDG_RUNTIME_DIR: '/run/x' }
    expect(engineSockets(env, 1000)).toEqual([
      '/tmp/d.sock',
      '/var/run/docker.sock',
      '/run/podman/podman.sock',
      '/run/x/docker.sock',
      '/run/x/podman/podman.sock',
    ])
    expect(engineSockets({ DOCKER_HOST: 'tcp://10.0.0.1:2375' }, 7)).toEqual([
      '/var/run/docker.sock',
      '/run/podman/podman.sock',
      '/run/user/7/docker.sock',
      '/run/user/7/podman/podman.sock',
    ])
    expect(engineSockets({}, undefined)).toHaveLength(2)
  })
})
