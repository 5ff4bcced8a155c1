import type { Duplex } from 'node:stream'
import { formatHost } from '../../address.ts'
import { type ErrorCode, SockctlError } from '../../errors.ts'
import type { ProxyLogin, ProxyTarget } from '../types.ts'
import { takeHead } from './head.ts'

/**
 * Asks an HTTP proxy for a tunnel by CONNECT (RFC 9110 §9.3.6). When it settles the stream is that of
 * the target.
 *
 * @throws ERR_PROTOCOL when the proxy refuses, or speaks no HTTP; ERR_REFUSED, ERR_TIMEOUT when it
 * could not reach the target; otherwise as `takeBytes`
 */
export async function requestByHttp(
  duplex: Duplex,
  { host, port }: ProxyTarget,
  login?: ProxyLogin,
): Promise<void> {
  const where = `${formatHost(host)}:${port}`
  if (/[\s/]/.test(where)) throw new SockctlError('ERR_USAGE', `not a host: ${where}`)
  const lines = [`CONNECT ${where} HTTP/1.1`, `Host: ${where}`]
  if (login !== undefined) lines.push(`Proxy-Authorization: ${basic(login)}`)
  duplex.write(`${lines.join('\r\n')}\r\n\r\n`)
  const { start } = await takeHead(duplex)
  const [, status = ''] = /^HTTP\/1\.[01] (\d{3})\b/.exec(start) ?? []
  if (status.startsWith('2')) return
  throw refusal(status, start.replace(/^HTTP\/\S+ */, ''), login)
}

function basic({ user, password }: ProxyLogin): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** What the status of a refusal says about the target (RFC 9110 §15). All others are about us. */
const ABOUT_THE_TARGET: Readonly<Record<string, ErrorCode>> = {
  '502': 'ERR_REFUSED',
  '503': 'ERR_REFUSED',
  '504': 'ERR_TIMEOUT',
}

function refusal(status: string, line: string, login: ProxyLogin | undefined): SockctlError {
  const code = ABOUT_THE_TARGET[status] ?? 'ERR_PROTOCOL'
  return new SockctlError(code, `the proxy says: ${line}`, { hints: hints(status, login) })
}

function hints(status: string, login: ProxyLogin | undefined): string[] {
  if (status === '407') {
    return login === undefined
      ? ['Say who you are: --proxy-auth env:NAME, with user:password in NAME']
      : ['It does not take the user and password.']
  }
  if (status === '405' || status === '501') return ['It does not do CONNECT.']
  return status === '403' ? ['Many proxies let CONNECT through to port 443 only.'] : []
}
