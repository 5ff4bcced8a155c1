import type { Duplex } from 'node:stream'
import { parseHostAndPort } from '../endpoint/host-and-port.ts'
import { SockctlError } from '../errors.ts'
import { type HttpHead, takeHead } from '../proxy/http/head.ts'
import { parseLogin } from '../proxy/parse.ts'
import type { ProxyLogin, ProxyTarget } from '../proxy/types.ts'
import type { ProxySettings } from './proxy/settings.ts'
import { type Failure, tunnel } from './proxy/tunnel.ts'
import type { Handler } from './types.ts'

/** The status of RFC 9110 §15, and what is in the body. */
const STATUS = {
  failed: '502 Bad Gateway',
  denied: '403 Forbidden',
  'not-found': '502 Bad Gateway',
  unreachable: '502 Bad Gateway',
  refused: '502 Bad Gateway',
  timeout: '504 Gateway Timeout',
} as const satisfies Record<Failure, string>

const REASON = {
  failed: 'it failed',
  denied: 'this proxy may not connect there',
  'not-found': 'there is no such host',
  unreachable: 'no way leads there',
  refused: 'refused there',
  timeout: 'no answer in time',
} as const satisfies Record<Failure, string>

/** A proxy for clients that speak HTTP: tunnels by CONNECT (RFC 9110 §9.3.6), and nothing else. */
export function httpProxy(settings: ProxySettings = {}): Handler {
  return (channel, context) => {
    const { duplex } = channel
    return tunnel(channel, context, settings, {
      request: () => takeRequest(duplex, settings),
      granted: () => void duplex.write('HTTP/1.1 200 Connection established\r\n\r\n'),
      failed: failure => respond(duplex, STATUS[failure], `no connection: ${REASON[failure]}`),
    })
  }
}

async function takeRequest(duplex: Duplex, { mayIn }: ProxySettings): Promise<ProxyTarget> {
  const head = await takeHead(duplex).catch(error => {
    if (isBad(error)) respond(duplex, '400 Bad Request', 'not a request that can be understood')
    throw error
  })
  const [method = '', where = ''] = head.start.split(' ')
  const login = loginOf(head)
  if (mayIn !== undefined && (login === undefined || !(await mayIn(login)))) {
    respond(duplex, '407 Proxy Authentication Required', 'a user and password are needed', [
      'Proxy-Authenticate: Basic realm="sockctl", charset="UTF-8"',
    ])
    const why = login === undefined ? 'it has no user and password' : 'wrong user or password'
    throw new SockctlError('ERR_DENIED', why)
  }
  if (method !== 'CONNECT') {
    const hint = 'only CONNECT is served: use it for http:// too (curl --proxytunnel)'
    respond(duplex, '405 Method Not Allowed', hint, ['Allow: CONNECT'])
    throw new SockctlError('ERR_PROTOCOL', `only CONNECT is served, and it asked for ${method}`)
  }
  return readTarget(duplex, where)
}

function readTarget(duplex: Duplex, where: string): ProxyTarget {
  try {
    const { host, port } = parseHostAndPort(where, where)
    if (host !== undefined && port > 0) return { host, port }
  } catch (error) {
    if (!(error instanceof SockctlError)) throw error
  }
  respond(duplex, '400 Bad Request', 'CONNECT needs host:port')
  throw new SockctlError('ERR_PROTOCOL', `CONNECT to what is not host:port: ${where}`)
}

function isBad(error: unknown): boolean {
  return error instanceof SockctlError && ['ERR_PROTOCOL', 'ERR_LIMIT'].includes(error.code)
}

/** RFC 7617 */
function loginOf({ fields }: HttpHead): ProxyLogin | undefined {
  const [, encoded] = /^basic +(\S+)$/i.exec(fields.get('proxy-authorization') ?? '') ?? []
  return encoded === undefined ? undefined : parseLogin(`${Buffer.from(encoded, 'base64')}`)
}

function respond(
  duplex: Duplex,
  status: string,
  text: string,
  fields: readonly string[] = [],
): void {
  const body = `${text}\n`
  const head = [
    `HTTP/1.1 ${status}`,
    ...fields,
    'Content-Type: text/plain',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ]
  duplex.write(`${head.join('\r\n')}\r\n\r\n${body}`)
}
