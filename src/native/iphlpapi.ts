import { SockctlError } from '../errors.ts'
import { type Koffi, reasonOf } from './libc.ts'

/** The tables of sockets of Windows, called through koffi. */
export interface Iphlpapi {
  /**
   * GetExtendedTcpTable with TCP_TABLE_OWNER_PID_ALL.
   *
   * @param family AF_INET (2) or AF_INET6 (23) of winsock2.h
   * @throws ERR_DENIED, ERR_SYSTEM with the number of the error (winerror.h)
   */
  tcpTable(family: number): Uint8Array
  /** GetExtendedUdpTable with UDP_TABLE_OWNER_PID. */
  udpTable(family: number): Uint8Array
}

/** The library; or why it cannot be called. */
export type IphlpapiLoad = { readonly iphlpapi: Iphlpapi } | { readonly missing: string }

/**
 * Loads koffi and the library.
 *
 * @param path the whole path of iphlpapi.dll: a name would be looked for in other folders too
 */
export async function loadIphlpapi(path: string): Promise<IphlpapiLoad> {
  try {
    const { default: koffi } = await import('koffi')
    return { iphlpapi: bindIphlpapi(koffi, path) }
  } catch (error) {
    return { missing: reasonOf(error) }
  }
}

/** TCP_TABLE_OWNER_PID_ALL and UDP_TABLE_OWNER_PID of iprtrmib.h. */
const TCP_TABLE_OWNER_PID_ALL = 5
const UDP_TABLE_OWNER_PID = 1

function bindIphlpapi(koffi: Koffi, path: string): Iphlpapi {
  const library = koffi.load(path)
  const parameters = '(void *, uint32_t *, int, uint32_t, int, uint32_t)'
  const tcp = library.func(`uint32_t __stdcall GetExtendedTcpTable${parameters}`)
  const udp = library.func(`uint32_t __stdcall GetExtendedUdpTable${parameters}`)
  return {
    tcpTable: family =>
      growing('GetExtendedTcpTable', (table, size) =>
        tcp(table, size, 0, family, TCP_TABLE_OWNER_PID_ALL, 0),
      ),
    udpTable: family =>
      growing('GetExtendedUdpTable', (table, size) =>
        udp(table, size, 0, family, UDP_TABLE_OWNER_PID, 0),
      ),
  }
}

/** winerror.h. */
const ERROR_ACCESS_DENIED = 5
const ERROR_INSUFFICIENT_BUFFER = 122

/** Sockets are made while the table grows: so often it may turn out too small. */
const MOST_TRIES = 8

/** Calls until the table fits; each time there is a little more room than was asked for. */
function growing(name: string, call: (table: Uint8Array, size: Uint32Array) => number): Uint8Array {
  let length = 16 * 1024
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const table = new Uint8Array(length)
    const size = new Uint32Array([length])
    const error = call(table, size)
    if (error === 0) return table
    if (error !== ERROR_INSUFFICIENT_BUFFER) throw failed(name, error)
    length = Math.max(size[0] ?? 0, length) + 4096
  }
  throw failed(name, ERROR_INSUFFICIENT_BUFFER)
}

function failed(name: string, error: number): SockctlError {
  const code = error === ERROR_ACCESS_DENIED ? 'ERR_DENIED' : 'ERR_SYSTEM'
  return new SockctlError(code, `cannot list sockets: ${name} failed (Windows error ${error})`)
}
