import type { Duplex } from 'node:stream'
import { takeBytes, takeThrough } from '../../channel/take.ts'
import { SockctlError } from '../../errors.ts'
import { ipv4Text } from '../address-bytes.ts'
import type { LoginCheck, ProxyTarget } from '../types.ts'
import { takeAddress } from './address.ts'

const CONNECT = 1
const NO_AUTH = 0
const PASSWORD = 2
const NONE_ACCEPTABLE = 0xff

/** SOCKS 4 says nothing about how long a user or a name is. */
const LONGEST_TEXT = 256

/** What a client of a SOCKS proxy asks for. */
export interface SocksRequest {
  readonly version: 4 | 5
  readonly target: ProxyTarget
}

/**
 * Hears what a client asks of a SOCKS 4, 4a or 5 proxy (RFC 1928, RFC 1929): the first byte says which
 * it is. What it must not or cannot do is answered, and thrown.
 *
 * @param mayIn asked for the user and password, where somebody has to have some
 * @throws ERR_DENIED without the right user and password; ERR_PROTOCOL for what is not SOCKS, or not
 * CONNECT; otherwise as `takeBytes`
 */
export async function takeSocksRequest(duplex: Duplex, mayIn?: LoginCheck): Promise<SocksRequest> {
  const [version] = await takeBytes(duplex, 1)
  if (version === 5) return { version, target: await takeSocks5(duplex, mayIn) }
  if (version === 4) return { version, target: await takeSocks4(duplex, mayIn) }
  throw new SockctlError('ERR_PROTOCOL', `not SOCKS: it began with the byte ${version}`)
}

async function takeSocks5(duplex: Duplex, mayIn: LoginCheck | undefined): Promise<ProxyTarget> {
  const [count = 0] = await takeBytes(duplex, 1)
  const methods = count === 0 ? Buffer.alloc(0) : await takeBytes(duplex, count)
  const wanted = mayIn === undefined ? NO_AUTH : PASSWORD
  if (!methods.includes(wanted)) {
    duplex.write(Buffer.from([5, NONE_ACCEPTABLE]))
    throw mayIn === undefined
      ? new SockctlError('ERR_PROTOCOL', 'it wants to log in, and nobody has to')
      : new SockctlError('ERR_DENIED', 'it has no user and password')
  }
  duplex.write(Buffer.from([5, wanted]))
  if (mayIn !== undefined) await logIn(duplex, mayIn)
  const [version, command] = await takeBytes(duplex, 3)
  if (version !== 5) throw new SockctlError('ERR_PROTOCOL', `a request of SOCKS ${version}`)
  const target = await takeAddress(duplex)
  if (command === CONNECT) return target
  answer(duplex, 5, 7)
  throw new SockctlError('ERR_PROTOCOL', `only CONNECT is served, and it asked for ${command}`)
}

async function logIn(duplex: Duplex, mayIn: LoginCheck): Promise<void> {
  await takeBytes(duplex, 1)
  const user = await takeField(duplex)
  const password = await takeField(duplex)
  const isIn = await mayIn({ user, password })
  duplex.write(Buffer.from([1, isIn ? 0 : 1]))
  if (!isIn) throw new SockctlError('ERR_DENIED', 'wrong user or password')
}

async function takeField(duplex: Duplex): Promise<string> {
  const [length = 0] = await takeBytes(duplex, 1)
  return length === 0 ? '' : (await takeBytes(duplex, length)).toString()
}

async function takeSocks4(duplex: Duplex, mayIn: LoginCheck | undefined): Promise<ProxyTarget> {
  const fixed = await takeBytes(duplex, 7)
  await takeText(duplex)
  const port = fixed.readUInt16BE(1)
  const address = fixed.subarray(3)
  // 0.0.0.x with an x that is not 0: the name follows (SOCKS 4a).
  const isNamed = address.readUInt32BE() > 0 && address.readUInt32BE() < 256
  const host = isNamed ? await takeText(duplex) : ipv4Text(address)
  if (mayIn !== undefined) {
    answer(duplex, 4, 93)
    throw new SockctlError('ERR_DENIED', 'SOCKS 4 has no password')
  }
  if (fixed[0] === CONNECT && host !== '') return { host, port }
  answer(duplex, 4, 91)
  throw new SockctlError('ERR_PROTOCOL', 'only CONNECT is served')
}

async function takeText(duplex: Duplex): Promise<string> {
  return (await takeThrough(duplex, '\0', LONGEST_TEXT)).toString().slice(0, -1)
}

/** Tells a client what came of its request: 0 and 90 are success, by the version. */
export function answer(duplex: Duplex, version: 4 | 5, reply: number): void {
  // Where we connect from is nobody's business.
  const bytes = version === 4 ? [0, reply, 0, 0, 0, 0, 0, 0] : [5, reply, 0, 1, 0, 0, 0, 0, 0, 0]
  duplex.write(Buffer.from(bytes))
}
