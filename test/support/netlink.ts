import { constants } from 'node:os'
import type { NetlinkLibc } from '../../src/inspect/sources/netlink.ts'
import { LITTLE_ENDIAN } from '../../src/inspect/sources/netlink-message.ts'

/** Writes a netlink message. */
export function message(
  type: number,
  payload: Uint8Array = new Uint8Array(),
  { flags = 0 }: { readonly flags?: number } = {},
): Buffer {
  const bytes = Buffer.alloc((16 + payload.length + 3) & ~3)
  const fields = new DataView(bytes.buffer, bytes.byteOffset)
  fields.setUint32(0, 16 + payload.length, LITTLE_ENDIAN)
  fields.setUint16(4, type, LITTLE_ENDIAN)
  fields.setUint16(6, flags, LITTLE_ENDIAN)
  bytes.set(payload, 16)
  return bytes
}

/** Writes the message that ends an answer: 0, or an error number below it. */
export function done(status = 0): Buffer {
  return message(3, int32(status))
}

/** Writes the message that takes the place of an answer. */
export function error(status: number): Buffer {
  return message(2, int32(status))
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, value, LITTLE_ENDIAN)
  return bytes
}

/** What recv(2) gives: a chunk, or the name of an error. */
export type Received = Buffer | keyof typeof constants.errno

/** A kernel that answers as it is told, one list of chunks for each request. */
export class ScriptedKernel implements NetlinkLibc {
  readonly requests: Buffer[] = []
  readonly open = new Set<number>()
  readonly #answers: Received[][]
  #current: Received[] = []
  #errno = 0

  constructor(...answers: Received[][]) {
    this.#answers = answers
  }

  socket(): number {
    const fd = 100 + this.requests.length
    this.open.add(fd)
    return fd
  }

  sendto(_fd: number, data: Uint8Array): number {
    this.requests.push(Buffer.from(data))
    this.#current = [...(this.#answers[this.requests.length - 1] ?? [])]
    return data.length
  }

  recv(_fd: number, into: Uint8Array): number {
    const next = this.#current.shift() ?? 'EAGAIN'
    if (typeof next === 'string') {
      this.#errno = constants.errno[next]
      return -1
    }
    into.set(next.subarray(0, into.length))
    return next.length
  }

  close(fd: number): number {
    this.open.delete(fd)
    return 0
  }

  errno(): number {
    return this.#errno
  }
}
