import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import type { RawDuplex, Take } from '../channel/types.ts'

/**
 * A net.Socket that reads into memory it uses again, by the option `onread`. Node's own allocates 64
 * KiB for each read(2), were it for a single byte: a quarter of what an echo of small messages costs.
 *
 * Little is copied out of a buffer that all sockets share. A read that fills its room says that more
 * is waiting; then the socket takes a buffer of its own until the rush is over, and that one it lends
 * to whoever receives. For everybody else it is a stream like any other.
 */
export class FrugalSocket extends Socket implements RawDuplex {
  readonly #intake: Intake

  constructor(options: Options) {
    const intake = new Intake()
    const given: Options = CAN_SHARE ? { ...options, onread: intake } : options
    super(given)
    this.#intake = intake
    intake.socket = this
  }

  receive(take: Take): void {
    this.#intake.take = take
    // What came before, and everything where the system has it come as a stream.
    this.on('data', chunk => {
      if (!take(chunk, false)) this.pause()
    })
  }

  /** Where the system has it read as a stream nothing is shown. */
  peek(look: (chunk: Buffer) => void): void {
    this.#intake.look = look
  }
}

/**
 * Makes one of a connection that Node has accepted, and has made a plain socket of. It goes as Node
 * itself passes a socket on to another process (lib/internal/child_process.js): a new one is given
 * the handle, and the old one left without. One without a handle stays what it is.
 */
export function adopt(accepted: Socket & { _handle?: object | null }): Socket {
  const { _handle: handle, allowHalfOpen } = accepted
  if (!CAN_SHARE || handle === null || handle === undefined) return accepted
  const socket = new FrugalSocket({ handle, allowHalfOpen })
  accepted._handle = null
  // Its server counts one less.
  accepted.destroy()
  return socket
}

/** With `onread`, which the types know of connect() only, and `handle`, which is not documented. */
interface Options extends SocketConstructorOpts {
  readonly handle?: object
  readonly onread?: OnReadOpts
}

/** Windows fills the memory of a read whenever it likes, not when it is asked to. */
const CAN_SHARE = process.platform !== 'win32'

/** How much one read may bring to who has memory for it. More than that no longer pays. */
const ROOM = 256 * 1024

/** The same for a stream, which keeps it: as much as in Node. */
const STREAM_ROOM = 64 * 1024

const SHARED = Buffer.allocUnsafeSlow(ROOM)
const SHARED_BY_STREAMS = SHARED.subarray(0, STREAM_ROOM)

/** Where a socket reads to, and what becomes of it: the option `onread` of a net.Socket. */
class Intake {
  socket: Socket | undefined
  take: Take | undefined
  look: ((chunk: Buffer) => void) | undefined
  /** While much comes. */
  #own: Buffer | undefined

  /** Asked when reading begins, and after each read. */
  readonly buffer = (): Uint8Array =>
    this.#own ?? (this.take === undefined ? SHARED_BY_STREAMS : SHARED)

  /** Told how much of the buffer was filled; false stops reading. */
  readonly callback = (bytes: number, { length: room }: Uint8Array): boolean => {
    const { socket, take } = this
    if (socket === undefined) return false
    const own = this.#own
    const chunk = own?.subarray(0, bytes) ?? copyOfShared(bytes)
    const isFull = bytes === room
    const { look } = this
    if (look !== undefined) {
      this.look = undefined
      look(chunk)
    }
    // Behind what the stream still holds everything has to queue.
    if (take === undefined || socket.readableLength > 0) {
      this.#own = isFull ? Buffer.allocUnsafeSlow(STREAM_ROOM) : undefined
      return socket.push(chunk)
    }
    const isDone = take(chunk, own !== undefined)
    if (!isDone) socket.pause()
    if (!isFull && isDone) this.#own = undefined
    else if (isFull && own?.length !== ROOM) this.#own = Buffer.allocUnsafeSlow(ROOM)
    return isDone
  }
}

/** For good: the next read of any socket overwrites what it was made of. */
function copyOfShared(bytes: number): Buffer {
  const chunk = Buffer.allocUnsafe(bytes)
  SHARED.copy(chunk, 0, 0, bytes)
  return chunk
}
