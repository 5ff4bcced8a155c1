import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { SockctlError, systemError } from '../../errors.ts'
import type { Libc } from '../../native/libc.ts'
import {
  actionRequest,
  dumpRequest,
  LITTLE_ENDIAN,
  malformed,
  readChunk,
} from './netlink-message.ts'

/** What of the C library a dump needs. */
export type NetlinkLibc = Pick<Libc, 'socket' | 'sendto' | 'recv' | 'close' | 'errno'>

/** What to ask sock_diag(7) for. */
export interface DumpRequest<T> {
  /** For messages: `cannot list TCP sockets`. */
  readonly attempt: string
  /** The type of the request, and what follows its header. */
  readonly type: number
  readonly payload: Uint8Array
  /** Makes the function that decodes one answer: another for each try. */
  readonly newDecoder: () => Decoder<T>
  /** Gives memory of at least so many bytes for a part of the answer. Undefined: always new memory. */
  readonly nextBlock?: (bytes: number) => DataView
}

/** Makes an item of the message at these offsets, header included; undefined leaves it out. */
export type Decoder<T> = (bytes: DataView, at: number, end: number) => T | undefined

export interface Dump<T> {
  readonly items: readonly T[]
  /** The table changed each time while the kernel wrote it: items may be missing. */
  readonly isInterrupted: boolean
}

/**
 * Asks the kernel for a table of sockets. Nothing waits: the kernel writes the first chunk when it is
 * asked, and each further one while the one before is fetched. A dump that lost something is taken
 * again. Items may keep the bytes they are made of: nobody else writes to new memory.
 *
 * @throws ERR_UNSUPPORTED, ERR_DENIED, ERR_SYSTEM, ERR_PROTOCOL
 */
export function dump<T>(libc: NetlinkLibc, request: DumpRequest<T>): Dump<T> {
  let chunkBytes = CHUNK_BYTES
  for (let triesLeft = MOST_TRIES - 1; ; triesLeft--) {
    const answer = dumpOnce(libc, request, chunkBytes)
    if (answer.kind === 'whole' || (answer.kind === 'interrupted' && triesLeft === 0)) {
      return { items: answer.items, isInterrupted: answer.kind === 'interrupted' }
    }
    if (triesLeft === 0) throw failure(request.attempt, constants.errno.ENOBUFS)
    if (answer.kind === 'cut') chunkBytes = answer.neededBytes
  }
}

/**
 * Asks for one thing to be done. The kernel does it before it answers.
 *
 * @returns 0, or the number of the error that it answered with
 * @throws ERR_DENIED, ERR_SYSTEM when it cannot be asked; ERR_PROTOCOL when it says neither
 */
export function act(
  libc: NetlinkLibc,
  { attempt, type, payload }: Pick<DumpRequest<never>, 'attempt' | 'type' | 'payload'>,
): number {
  return withSocket(libc, attempt, fd => {
    if (libc.sendto(fd, actionRequest(type, payload), 0, kernelAddress()) < 0) {
      throw failure(attempt, libc.errno())
    }
    const bytes = newBlock(CHUNK_BYTES)
    const into = new Uint8Array(bytes.buffer, bytes.byteOffset, CHUNK_BYTES)
    const length = receive(libc, fd, into)
    if (length < 0) throw failure(attempt, -length)
    const { status } = readChunk({ bytes, start: 0, end: length }, () => {})
    if (status === undefined) throw malformed('no word of what was asked for')
    return -status
  })
}

/** The usual type of a request: linux/sock_diag.h. */
export const SOCK_DIAG_BY_FAMILY = 20

const MOST_TRIES = 3
/** The kernel fills at most 32 KiB, unless a single message is larger. */
const CHUNK_BYTES = 64 * 1024
/** Chunks are received one behind the other into blocks of this size. */
const BLOCK_BYTES = 1024 * 1024

type Answer<T> =
  | { readonly kind: 'whole' | 'interrupted'; readonly items: readonly T[] }
  | { readonly kind: 'lost' }
  | { readonly kind: 'cut'; readonly neededBytes: number }

/** linux/netlink.h, linux/sock_diag.h, linux/socket.h. */
const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
const NETLINK_SOCK_DIAG = 4
const MSG_TRUNC = 0x20
const MSG_DONTWAIT = 0x40

/** A socket of its own for each try: the kernel takes no second request while it writes. */
function dumpOnce<T>(libc: NetlinkLibc, request: DumpRequest<T>, chunkBytes: number): Answer<T> {
  return withSocket(libc, request.attempt, fd => {
    const message = dumpRequest(request.type, request.payload)
    if (libc.sendto(fd, message, 0, kernelAddress()) < 0) {
      throw failure(request.attempt, libc.errno())
    }
    return receiveAnswer(request, chunkBytes, into => receive(libc, fd, into))
  })
}

function withSocket<T>(libc: NetlinkLibc, attempt: string, use: (fd: number) => T): T {
  const fd = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)
  if (fd < 0) throw failure(attempt, libc.errno())
  try {
    return use(fd)
  } finally {
    libc.close(fd)
  }
}

/** sockaddr_nl: the family, then zeros, as the kernel is port 0. */
function kernelAddress(): Uint8Array {
  const address = new Uint8Array(12)
  new DataView(address.buffer).setUint16(0, AF_NETLINK, LITTLE_ENDIAN)
  return address
}

/** Receives a chunk; gives its length even where that is more than fitted, or an errno, negative. */
function receive(libc: NetlinkLibc, fd: number, into: Uint8Array): number {
  for (;;) {
    const length = libc.recv(fd, into, MSG_DONTWAIT | MSG_TRUNC)
    if (length >= 0) return length
    const errno = libc.errno()
    if (errno !== constants.errno.EINTR) return -errno
  }
}

function receiveAnswer<T>(
  { attempt, newDecoder, nextBlock = newBlock }: DumpRequest<T>,
  chunkBytes: number,
  receiveInto: (into: Uint8Array) => number,
): Answer<T> {
  const decode = newDecoder()
  const items: T[] = []
  let isInterrupted = false
  let block = nextBlock(chunkBytes)
  for (let used = 0; ; ) {
    if (block.byteLength - used < chunkBytes) {
      block = nextBlock(chunkBytes)
      used = 0
    }
    const length = receiveInto(new Uint8Array(block.buffer, block.byteOffset + used, chunkBytes))
    if (length > chunkBytes) return { kind: 'cut', neededBytes: length }
    if (length === 0) throw malformed('an empty chunk')
    const bytes = block
    const { status, hasChanged } =
      length < 0
        ? { status: length, hasChanged: false }
        : readChunk({ bytes, start: used, end: used + length }, (at, end) => {
            const item = decode(bytes, at, end)
            if (item !== undefined) items.push(item)
          })
    isInterrupted ||= hasChanged
    if (status === 0) return { kind: isInterrupted ? 'interrupted' : 'whole', items }
    if (status === -constants.errno.ENOBUFS) return { kind: 'lost' }
    if (status !== undefined) throw failure(attempt, -status)
    used += length
  }
}

/**
 * Makes memory of at least so many bytes. What nobody has written to costs nothing, so that it may be
 * larger than its table.
 */
export function newBlock(chunkBytes: number): DataView {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, chunkBytes))
  return new DataView(buffer, byteOffset)
}

/** What a kernel says that does not have the table, or not this way of asking for it. */
const UNSUPPORTED = new Set(
  (['ENOENT', 'EINVAL', 'EOPNOTSUPP', 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'ENOSYS'] as const).map(
    name => constants.errno[name],
  ),
)

function failure(attempt: string, errno: number): SockctlError {
  const name = getSystemErrorName(-errno)
  if (UNSUPPORTED.has(errno)) {
    const why = `this kernel does not answer through sock_diag (${name})`
    return new SockctlError('ERR_UNSUPPORTED', `${attempt}: ${why}`)
  }
  return systemError(attempt, Object.assign(new Error(name), { code: name }))
}
