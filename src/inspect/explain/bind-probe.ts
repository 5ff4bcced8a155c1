import { constants, endianness } from 'node:os'
import { inetAddress } from '../../address.ts'
import { errnoOf } from '../../errors.ts'
import { type Libc, loadLibc } from '../../native/libc.ts'
import { addressBytes } from '../select/address-block.ts'

/** What came of it when an address was bound for a moment. */
export interface BindTrial {
  readonly host: string
  readonly result: BindResult
  /** The name of the errno. Undefined: it could be bound. */
  readonly errno: string | undefined
}

export type BindResult =
  | 'ok'
  | 'in-use' // EADDRINUSE
  | 'denied' // EACCES, EPERM: a privileged port, or a rule of the system
  | 'not-local' // EADDRNOTAVAIL: no interface here has the address
  | 'unsupported' // this machine does not have the family
  | 'failed'

/** Every address of both families, and both loopbacks. */
export const USUAL_HOSTS = ['0.0.0.0', '::', '127.0.0.1', '::1'] as const

/**
 * Tries for real whether a TCP server could listen on a port now, with the options that Node sets:
 * SO_REUSEADDR, and both families on `::`.
 *
 * On Linux the socket is bound, and closed without listening, so that nobody can connect meanwhile:
 * the kernel checks for conflicts when it binds, and finds no others when it listens
 * (inet_csk_get_port() in net/ipv4/inet_connection_sock.c). Elsewhere, and without koffi, Node has
 * to listen for a moment.
 *
 * @param hosts literal addresses
 */
export async function probeBinds(port: number, hosts: readonly string[]): Promise<BindTrial[]> {
  const loaded = process.platform === 'linux' ? await loadLibc() : undefined
  const trials: BindTrial[] = []
  // One after the other: they would stand in each other's way.
  for (const host of hosts) {
    const errno =
      loaded !== undefined && 'libc' in loaded
        ? bindBriefly(loaded.libc, host, port)
        : await listenBriefly(host, port)
    trials.push({ host, errno, result: resultOf(errno) })
  }
  return trials
}

function resultOf(errno: string | undefined): BindResult {
  switch (errno) {
    case undefined:
      return 'ok'
    case 'EADDRINUSE':
      return 'in-use'
    case 'EACCES':
    case 'EPERM':
      return 'denied'
    case 'EADDRNOTAVAIL':
      return 'not-local'
    case 'EAFNOSUPPORT':
      return 'unsupported'
    default:
      return 'failed'
  }
}

/** bits/socket.h, asm-generic/socket.h */
const AF_INET = 2
const AF_INET6 = 10
const SOCK_STREAM_CLOEXEC = 0o2000001
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const ON = new Uint8Array(new Int32Array([1]).buffer)

function bindBriefly(libc: Libc, host: string, port: number): string | undefined {
  const { family } = inetAddress(host, port)
  const address = sockaddr(host, port)
  if (address === undefined) return 'EADDRNOTAVAIL'
  const fd = libc.socket(family === 'ipv6' ? AF_INET6 : AF_INET, SOCK_STREAM_CLOEXEC, 0)
  if (fd < 0) return errnoName(libc.errno())
  try {
    libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, ON)
    return libc.bind(fd, address) === 0 ? undefined : errnoName(libc.errno())
  } finally {
    libc.close(fd)
  }
}

/** `struct sockaddr_in` or `sockaddr_in6`: family in host order, port, and the address. */
function sockaddr(host: string, port: number): Uint8Array | undefined {
  const { family } = inetAddress(host, port)
  const bytes = addressBytes(family, host)
  if (bytes === undefined) return undefined
  const address = new Uint8Array(family === 'ipv6' ? 28 : 16)
  const fields = new DataView(address.buffer)
  fields.setUint16(0, family === 'ipv6' ? AF_INET6 : AF_INET, endianness() === 'LE')
  fields.setUint16(2, port)
  address.set(bytes, family === 'ipv6' ? 8 : 4)
  return address
}

async function listenBriefly(host: string, port: number): Promise<string | undefined> {
  const { createServer } = await import('node:net')
  const server = createServer(socket => socket.destroy())
  return new Promise(resolve => {
    server.once('error', error => resolve(errnoOf(error) ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

function errnoName(number: number): string {
  const found = Object.entries(constants.errno).find(([, value]) => value === number)
  return found?.[0] ?? `errno ${number}`
}
