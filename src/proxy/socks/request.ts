import { isIPv4 } from 'node:net'
import type { Duplex } from 'node:stream'
import { takeBytes } from '../../channel/take.ts'
import { SockctlError } from '../../errors.ts'
import { ipv4Bytes } from '../address-bytes.ts'
import type { ProxyLogin, ProxyTarget } from '../types.ts'
import { takeAddress, writeAddress } from './address.ts'
import { SOCKS4_REPLIES, SOCKS5_REPLIES, type SocksReply } from './replies.ts'

const CONNECT = 1
const NO_AUTH = 0
const PASSWORD = 2
const NONE_ACCEPTABLE = 0xff

/**
 * Asks a SOCKS 5 proxy for a connection (RFC 1928, RFC 1929). When it settles the stream is that of
 * the target.
 *
 * @throws ERR_PROTOCOL when the proxy refuses or does not speak SOCKS 5; ERR_REFUSED, ERR_TIMEOUT
 * when it could not reach the target; otherwise as `takeBytes`
 */
export async function requestBySocks5(
  duplex: Duplex,
  target: ProxyTarget,
  login?: ProxyLogin,
): Promise<void> {
  const methods = login === undefined ? [NO_AUTH] : [NO_AUTH, PASSWORD]
  duplex.write(Buffer.from([5, methods.length, ...methods]))
  const [version, method] = await takeBytes(duplex, 2)
  if (version !== 5) throw notSocks(5, version)
  if (method === NONE_ACCEPTABLE) throw unwelcome(login)
  if (method === PASSWORD && login !== undefined) await logIn(duplex, login)
  else if (method !== NO_AUTH) throw refused(`it wants a way to log in that we do not have`)
  duplex.write(Buffer.concat([Buffer.from([5, CONNECT, 0]), writeAddress(target)]))
  const [answered, reply = 0] = await takeBytes(duplex, 3)
  if (answered !== 5) throw notSocks(5, answered)
  if (reply !== 0) throw failure(SOCKS5_REPLIES[reply], reply)
  // Where it connects from: nobody needs it, and it stands before what the target says.
  await takeAddress(duplex)
}

async function logIn(duplex: Duplex, { user, password }: ProxyLogin): Promise<void> {
  const field = (text: string): Buffer => {
    const bytes = Buffer.from(text)
    if (bytes.length > 255) {
      throw new SockctlError('ERR_USAGE', 'SOCKS 5 has room for 255 bytes of user and of password')
    }
    return Buffer.concat([Buffer.from([bytes.length]), bytes])
  }
  duplex.write(Buffer.concat([Buffer.from([1]), field(user), field(password)]))
  const [, status] = await takeBytes(duplex, 2)
  if (status !== 0) throw unwelcome({ user, password })
}

/**
 * Asks a SOCKS 4 proxy for a connection; for one by name by the extension 4a.
 *
 * @throws as `requestBySocks5`; ERR_UNSUPPORTED for an IPv6 address
 */
export async function requestBySocks4(
  duplex: Duplex,
  { host, port }: ProxyTarget,
  login?: ProxyLogin,
): Promise<void> {
  if (host.includes(':')) {
    throw new SockctlError('ERR_UNSUPPORTED', 'SOCKS 4 knows no IPv6 addresses', {
      hints: ['socks5:// does.'],
    })
  }
  const isLiteral = isIPv4(host)
  // 0.0.0.x: the name follows the user.
  const address = isLiteral ? ipv4Bytes(host) : Buffer.from([0, 0, 0, 1])
  const texts = `${login?.user ?? ''}\0${isLiteral ? '' : `${host}\0`}`
  duplex.write(
    Buffer.concat([Buffer.from([4, CONNECT, port >> 8, port & 0xff]), address, Buffer.from(texts)]),
  )
  const [version, reply = 0] = await takeBytes(duplex, 8)
  if (version !== 0) throw notSocks(4, version)
  if (reply !== 90) throw failure(SOCKS4_REPLIES[reply], reply)
}

function failure(reply: SocksReply | undefined, number: number): SockctlError {
  const { code, words } = reply ?? { code: 'ERR_PROTOCOL', words: 'a reply without a meaning' }
  return new SockctlError(code, `the proxy says: ${words} (SOCKS reply ${number})`)
}

function refused(why: string, ...hints: string[]): SockctlError {
  return new SockctlError('ERR_PROTOCOL', `refused by the proxy: ${why}`, { hints })
}

function unwelcome(login: ProxyLogin | undefined): SockctlError {
  return login === undefined
    ? refused('it asks for a user and password', 'Say who you are: --proxy-auth env:NAME')
    : refused('it does not take the user and password')
}

function notSocks(wanted: number, version: number | undefined): SockctlError {
  const isHttp = version === 'H'.charCodeAt(0)
  return new SockctlError('ERR_PROTOCOL', `the proxy does not speak SOCKS ${wanted}`, {
    hints: isHttp ? ['It answers by HTTP: write http:// in place of socks://'] : [],
  })
}
