import { constants, endianness } from 'node:os'
import { SockctlError } from '../errors.ts'
import { type Libc, loadLibc } from '../native/libc.ts'

/*
 * Names in the abstract namespace (unix(7)) are as long as they are: the length of the address
 * counts. Node 20 fills them up to 108 bytes, so that no other program finds its sockets, nor it
 * theirs. The sockets are made here and handed to Node by their descriptors.
 */

const AF_UNIX = 1
const SOCK_STREAM = 1
/** Never blocking, not passed on to children: as libuv makes its own. */
const SOCK_FLAGS = 0o2004000

/** What Node asks for when nobody says otherwise. */
const DEFAULT_BACKLOG = 511

/**
 * Makes a listening socket by an abstract name; returns its descriptor.
 *
 * @param name with its `@`
 * @throws an error with the errno's name as `code`; ERR_UNSUPPORTED where there is no such namespace
 */
export async function listenAbstract(name: string, backlog = DEFAULT_BACKLOG): Promise<number> {
  const libc = await load()
  const fd = check(libc, 'socket', libc.socket(AF_UNIX, SOCK_STREAM | SOCK_FLAGS, 0))
  try {
    check(libc, 'bind', libc.bind(fd, sockaddr(name)), name)
    check(libc, 'listen', libc.listen(fd, backlog), name)
    return fd
  } catch (error) {
    libc.close(fd)
    throw error
  }
}

/** Connects to an abstract name; returns the descriptor. Errors as `listenAbstract`. */
export async function connectAbstract(name: string): Promise<number> {
  const libc = await load()
  const fd = check(libc, 'socket', libc.socket(AF_UNIX, SOCK_STREAM | SOCK_FLAGS, 0))
  try {
    check(libc, 'connect', libc.connect(fd, sockaddr(name)), name)
    return fd
  } catch (error) {
    libc.close(fd)
    throw error
  }
}

async function load(): Promise<Libc> {
  if (process.platform !== 'linux') {
    throw new SockctlError('ERR_UNSUPPORTED', 'only Linux has abstract names')
  }
  const loaded = await loadLibc()
  if ('libc' in loaded) return loaded.libc
  throw new SockctlError('ERR_UNSUPPORTED', `abstract names need koffi: ${loaded.missing}`)
}

/** `struct sockaddr_un`: the family, then the name after a NUL that stands for the `@`. */
function sockaddr(name: string): Uint8Array {
  const address = Buffer.concat([Buffer.alloc(2), Buffer.from(`\0${name.slice(1)}`)])
  if (endianness() === 'LE') address.writeUInt16LE(AF_UNIX)
  else address.writeUInt16BE(AF_UNIX)
  return address
}

function check(libc: Libc, call: string, result: number, address?: string): number {
  if (result >= 0) return result
  const errno = libc.errno()
  const code =
    Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `${errno}`
  throw Object.assign(new Error(`${call} ${code}`), { code, address })
}
