import { existsSync } from 'node:fs'

/** What a container engine says of one of its containers. */
export interface EngineContainer {
  readonly id: string
  /** `web`, `shop-db-1` */
  readonly name: string
  readonly image: string | undefined
  /** Its first process, as this machine numbers it; undefined when it does not run. */
  readonly pid: number | undefined
  /** The project and the service that it is of Docker Compose. */
  readonly compose: { readonly project: string; readonly service: string } | undefined
}

/** Asks the engines of this machine; what was asked once is remembered. */
export interface Engines {
  /** Undefined when no engine that answers has such a container. */
  find(nameOrId: string): Promise<EngineContainer | undefined>
  /** The container that a port of this machine leads to; undefined when none is known that does. */
  publishing(port: number): Promise<EngineContainer | undefined>
}

/**
 * Looks containers up where an engine listens on its unix socket: Docker, or Podman, which answers in
 * the same way. It is never needed: where none listens, or none answers soon, nothing is known.
 *
 * Source: GET /containers/{id}/json and GET /containers/json, Docker Engine API 1.24 and later.
 */
export function engines({
  sockets = engineSockets(process.env, process.getuid?.()),
  timeoutMs = 500,
} = {}): Engines {
  const known = new Map<string, Promise<EngineContainer | undefined>>()
  const firstOf = async <T>(
    path: string,
    read: (text: string) => T | undefined,
  ): Promise<T | undefined> => {
    for (const socketPath of sockets) {
      if (!existsSync(socketPath)) continue
      const text = await askEngine({ socketPath, path, timeoutMs }).catch(() => undefined)
      const found = text === undefined ? undefined : read(text)
      if (found !== undefined) return found
    }
    return undefined
  }
  const find: Engines['find'] = nameOrId => {
    const path = `/containers/${encodeURIComponent(nameOrId)}/json`
    const answer = known.get(nameOrId) ?? firstOf(path, readContainer)
    known.set(nameOrId, answer)
    return answer
  }
  return {
    find,
    async publishing(port) {
      const filters = encodeURIComponent(JSON.stringify({ publish: [String(port)] }))
      const id = await firstOf(`/containers/json?filters=${filters}`, readFirstId)
      return id === undefined ? undefined : find(id)
    },
  }
}

/**
 * Where engines listen: of the whole machine, and of this user. DOCKER_HOST comes first; other
 * machines are not asked.
 */
export function engineSockets(
  env: Readonly<Record<string, string | undefined>>,
  uid: number | undefined,
): string[] {
  const runtime = env.XDG_RUNTIME_DIR ?? (uid === undefined ? undefined : `/run/user/${uid}`)
  const [, chosen] = /^unix:\/\/(\/.+)$/.exec(env.DOCKER_HOST ?? '') ?? []
  return [
    ...(chosen === undefined ? [] : [chosen]),
    '/var/run/docker.sock',
    '/run/podman/podman.sock',
    ...(runtime === undefined ? [] : [`${runtime}/docker.sock`, `${runtime}/podman/podman.sock`]),
  ]
}

/** More than an engine says of a container. */
const LONGEST_ANSWER = 4 * 1024 * 1024

interface Inquiry {
  readonly socketPath: string
  readonly path: string
  readonly timeoutMs: number
}

/** The text of an answer; undefined when the engine has none. */
async function askEngine({ socketPath, path, timeoutMs }: Inquiry): Promise<string | undefined> {
  // Only here, where an engine listens: Node takes 2 to 4 ms to load it.
  const { request } = await import('node:http')
  return await new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const asking = request({ socketPath, path, host: 'localhost', signal }, response => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('error', reject)
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > LONGEST_ANSWER) asking.destroy(new Error('the answer is too long'))
        else chunks.push(chunk)
      })
      response.on('end', () => {
        resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString() : undefined)
      })
    })
    asking.on('error', reject).end()
  })
}

/** Reads an answer; undefined where it is not what the API documents. */
function readContainer(text: string): EngineContainer | undefined {
  const answer = objectOf(parse(text))
  const id = answer?.Id
  const name = answer?.Name
  if (typeof id !== 'string' || typeof name !== 'string') return undefined
  const config = objectOf(answer?.Config)
  const image = config?.Image
  const labels = objectOf(config?.Labels)
  const project = labels?.['com.docker.compose.project']
  const service = labels?.['com.docker.compose.service']
  const pid = objectOf(answer?.State)?.Pid
  return {
    id,
    name: name.replace(/^\//, ''),
    image: typeof image === 'string' ? image : undefined,
    pid: typeof pid === 'number' && pid > 0 ? pid : undefined,
    compose:
      typeof project === 'string' && typeof service === 'string' ? { project, service } : undefined,
  }
}

function readFirstId(text: string): string | undefined {
  const list = parse(text)
  const id = Array.isArray(list) ? objectOf(list[0])?.Id : undefined
  return typeof id === 'string' ? id : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined
}
