import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

/** A container as an engine knows it. */
export interface PublishedContainer {
  readonly id: string
  readonly name: string
  readonly image: string
  /** The ports of this machine that lead to it. */
  readonly ports: readonly number[]
  readonly compose?: { readonly project: string; readonly service: string }
}

const running: (() => void)[] = []

/** Closes what `startEngine` has opened, when a test is over. */
export function endEnginesAfterEach(): void {
  afterEach(() => {
    for (const end of running.splice(0)) end()
  })
}

/**
 * Answers as Docker Engine API 1.24 documents it for GET /containers/json, with a filter of a port,
 * and GET /containers/{id}/json.
 *
 * @returns the path of its socket
 */
export async function startEngine(containers: readonly PublishedContainer[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sockctl-engine-'))
  const socket = join(folder, 'docker.sock')
  const server = createServer((request, response) => {
    const body = answerTo(new URL(request.url ?? '', 'http://localhost'), containers)
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? { message: 'no such container' }))
  })
  running.push(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
  await once(server.listen(socket), 'listening')
  return socket
}

function answerTo({ pathname, searchParams }: URL, containers: readonly PublishedContainer[]) {
  if (pathname === '/containers/json') {
    const { publish } = JSON.parse(searchParams.get('filters') ?? '{}')
    return containers
      .filter(({ ports }) => ports.includes(Number(publish?.[0])))
      .map(({ id }) => ({ Id: id }))
  }
  const [, wanted = ''] = /^\/containers\/([^/]+)\/json$/.exec(pathname) ?? []
  const found = containers.find(({ id, name }) => wanted === id || wanted === name)
  if (found === undefined) return undefined
  const { id, name, image, compose } = found
  const labels = compose && {
    'com.docker.compose.project': compose.project,
    'com.docker.compose.service': compose.service,
  }
  return { Id: id, Name: `/${name}`, State: { Pid: 0 }, Config: { Image: image, Labels: labels } }
}
