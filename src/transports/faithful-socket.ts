import { Socket } from 'node:net'
import { FrugalSocket } from './frugal-socket.ts'

type Done = (error?: Error | null) => void

/**
 * A net.Socket that tells the truth about a reset and loses nothing that came before it. Node's own
 * falls short in two ways, both measured with a server that answers, leaves data unread and closes,
 * which makes its close an RST (RFC 9293 §3.10.7, RFC 2525 §2.17):
 *
 * - A write that fails destroys the socket at once, with the answer still unread in the kernel:
 *   287 of 300 answers were lost. Here the failure waits until all that came has been read.
 * - Before version 1.52 (Node 20 and 22) libuv takes POLLHUP after a short read for the end, so that
 *   a reset passes for a FIN. Here an end counts when a second read(2) finds it too.
 */
export class FaithfulSocket extends FrugalSocket {
  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    return isDoubtful(this, chunk) ? false : super.push(chunk, encoding)
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    super._write(chunk, encoding, error => this.#afterWrite(error, done))
  }

  override _writev(
    chunks: { chunk: unknown; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    // Always there on a net.Socket; optional in the type of Duplex.
    super._writev?.(chunks, error => this.#afterWrite(error, done))
  }

  #afterWrite(error: Error | null | undefined, done: Done): void {
    const mayWait = error != null && !this.readableEnded && !this.destroyed
    // A broken connection ends its other direction too: the wait is short for whoever reads.
    if (mayWait) this.once('end', () => done(error))
    else done(error)
  }
}

/**
 * Gives a socket that Node has made, as for an accepted connection, the second of the two: a client
 * that was killed in the middle of its request must not look like one that has finished it.
 */
export function doubtEnd(socket: Socket): void {
  socket.push = pushWithDoubt
}

function pushWithDoubt(this: Socket, chunk: unknown, encoding?: BufferEncoding): boolean {
  return isDoubtful(this, chunk) ? false : Socket.prototype.push.call(this, chunk, encoding)
}

/** The sockets whose end was seen once. */
const DOUBTED = new WeakSet<Socket>()

/** Whether a chunk is an end that the system is being asked about again. */
function isDoubtful(socket: Socket, chunk: unknown): boolean {
  if (chunk !== null || DOUBTED.has(socket)) return false
  DOUBTED.add(socket)
  return readAgain(socket)
}

/**
 * Has the socket read(2) once more; false where that cannot be asked. There is no public way: Node
 * starts reading by itself, and after an end never again.
 */
function readAgain(socket: Socket): boolean {
  if (process.platform === 'win32') return false
  const { _handle: handle } = socket as Socket & { _handle?: Partial<ReadHandle> | null }
  return handle?.readStart?.() === 0
}

/** Of node's internal stream_wrap: uv_read_start, 0 or a negative errno. */
interface ReadHandle {
  readStart(): number
}
