/**
 * Every failure that sockctl foresees, by the code that programs match on.
 * `cli/exit-code.ts` says which exit code each becomes.
 */
export type ErrorCode =
  | 'ERR_USAGE' // a flag or argument that cannot be understood
  | 'ERR_NOT_MET' // it ran, and the answer is no
  | 'ERR_NOT_FOUND' // a name that does not resolve; a missing file, command or process
  | 'ERR_REFUSED' // nobody listens there, or no way leads there
  | 'ERR_RESET' // the peer broke the connection off
  | 'ERR_INCOMPLETE' // the connection ended before what was asked for had come
  | 'ERR_TIMEOUT'
  | 'ERR_LIMIT' // a limit that the user set was reached
  | 'ERR_PROTOCOL' // a handshake or framing that breaks its protocol
  | 'ERR_IN_USE' // the address cannot be bound: something else has it
  | 'ERR_DENIED' // no permission to do it, or to see the answer
  | 'ERR_UNSUPPORTED' // not on this platform, or not by this transport
  | 'ERR_SYSTEM' // the system said no for a reason of its own: no memory, no descriptors

/**
 * A failure that sockctl foresees: what was attempted, on what, and why it failed.
 * `hints` are up to two lines for people: why in plain words, and what to type.
 */
export class SockctlError extends Error {
  readonly code: ErrorCode
  readonly hints: readonly string[]

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { hints?: string[] } = {}) {
    super(message, options)
    this.name = 'SockctlError'
    this.code = code
    this.hints = options.hints ?? []
  }

  /** The same failure with one more hint. */
  withHints(...hints: string[]): SockctlError {
    return new SockctlError(this.code, this.message, {
      cause: this.cause,
      hints: [...this.hints, ...hints],
    })
  }
}

/** A flag, argument or text that cannot be understood. */
export function usageError(message: string, ...hints: string[]): SockctlError {
  return new SockctlError('ERR_USAGE', message, { hints })
}

/**
 * Turns what the system reported (`cause.code`, an errno name) into a sentence and a code.
 *
 * @param attempt what was tried and on what: `cannot listen on tcp://127.0.0.1:80`
 * @throws the cause itself when the system did not report it: a bug must not pass for a failure
 */
export function systemError(attempt: string, cause: unknown): SockctlError {
  if (cause instanceof SockctlError) return cause
  const errno = errnoOf(cause)
  if (errno === undefined) throw cause
  const [code, reason] = ERRNO[errno] ?? ['ERR_SYSTEM', (cause as Error).message]
  return new SockctlError(code, `${attempt}: ${reason} (${errno})`, { cause })
}

/** The errno name that Node puts on the errors of system calls: `ECONNREFUSED`. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** What an errno means, in words: `permission denied`. Undefined: it says enough by itself. */
export function errnoReason(errno: string): string | undefined {
  return ERRNO[errno]?.[1]
}

/** errno(3) and getaddrinfo(3) names, with what each means here. */
const ERRNO: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  EACCES: ['ERR_DENIED', 'permission denied'],
  EPERM: ['ERR_DENIED', 'operation not permitted'],
  EADDRINUSE: ['ERR_IN_USE', 'address in use'],
  EADDRNOTAVAIL: ['ERR_NOT_FOUND', 'this machine has no such address'],
  ECONNREFUSED: ['ERR_REFUSED', 'connection refused'],
  EHOSTUNREACH: ['ERR_REFUSED', 'no route to the host'],
  ENETUNREACH: ['ERR_REFUSED', 'network unreachable'],
  EHOSTDOWN: ['ERR_REFUSED', 'host is down'],
  ENETDOWN: ['ERR_REFUSED', 'network is down'],
  ECONNRESET: ['ERR_RESET', 'connection reset by the peer'],
  ECONNABORTED: ['ERR_RESET', 'connection aborted on this machine'],
  EPIPE: ['ERR_RESET', 'the peer no longer reads'],
  ETIMEDOUT: ['ERR_TIMEOUT', 'no answer in time'],
  ENOENT: ['ERR_NOT_FOUND', 'no such file or folder'],
  ENOTDIR: ['ERR_NOT_FOUND', 'part of the path is not a folder'],
  EISDIR: ['ERR_USAGE', 'that is a folder'],
  EBADF: ['ERR_USAGE', 'no such descriptor'],
  ENOTSOCK: ['ERR_USAGE', 'that is not a socket'],
  ENAMETOOLONG: ['ERR_USAGE', 'the name is too long'],
  ENOTFOUND: ['ERR_NOT_FOUND', 'no such host'],
  EAI_AGAIN: ['ERR_NOT_FOUND', 'the name could not be looked up now'],
  EAI_NODATA: ['ERR_NOT_FOUND', 'the name has no address'],
  EAFNOSUPPORT: ['ERR_UNSUPPORTED', 'this machine does not have that address family'],
  EPROTONOSUPPORT: ['ERR_UNSUPPORTED', 'this machine does not have that protocol'],
  EMSGSIZE: ['ERR_LIMIT', 'too long for one datagram'],
  EMFILE: ['ERR_SYSTEM', 'this process is out of file descriptors'],
  ENFILE: ['ERR_SYSTEM', 'the machine is out of file descriptors'],
  ENOSPC: ['ERR_SYSTEM', 'the disk is full'],
}
