import { closeSync, fstatSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs'
import { systemError, usageError } from '../errors.ts'

/**
 * Ensures that a descriptor was handed to us to be written to. One that nobody has opened may well be
 * open all the same: Node has some of its own from 3 on, and a line written there could end it.
 * Which those are can be told where there is a /proc.
 *
 * @throws ERR_USAGE
 */
export function ensureReadyDescriptor(fd: number): void {
  if (isOpen(fd) && !isOfNode(fd)) return
  throw usageError(
    `option --ready-fd <n>: descriptor ${fd} is not open for writing`,
    'The shell opens it: sockctl serve --ready-fd 3 3> file',
  )
}

/**
 * Writes a text and closes the descriptor, so that its reader sees the end. stdout and stderr stay
 * open: the next connection would get their numbers, and what we say with them.
 *
 * @throws ERR_RESET when nobody reads it any more; ERR_SYSTEM
 */
export function writeToReadyDescriptor(fd: number, text: string): void {
  try {
    writeSync(fd, text)
    if (fd > 2) closeSync(fd)
  } catch (error) {
    throw systemError(`cannot write to descriptor ${fd}`, error)
  }
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd)
    return true
  } catch {
    // Not open, or beyond what a descriptor can be.
    return false
  }
}

/** Whether it cannot be what somebody has opened for us to write to. */
function isOfNode(fd: number): boolean {
  const file = fileOf(fd)
  if (file === undefined) return false
  if (file.mode === 'read' || file.name.startsWith('anon_inode:')) return true
  // Of a pipe that Node talks to itself through, it has the other end too.
  return file.name.startsWith('pipe:') && file.mode === 'write' && isReadHere(file.name)
}

function isReadHere(name: string): boolean {
  return readdirSync('/proc/self/fd').some(other => {
    const file = fileOf(Number(other))
    return file?.name === name && file.mode === 'read'
  })
}

interface OpenFile {
  /** As the kernel shows it: `pipe:[4711]`, `anon_inode:[eventpoll]`, a path. */
  readonly name: string
  readonly mode: 'read' | 'write' | 'both'
}

/** What a descriptor is open on: proc_pid_fd(5), proc_pid_fdinfo(5). Undefined without them. */
function fileOf(fd: number): OpenFile | undefined {
  try {
    const name = readlinkSync(`/proc/self/fd/${fd}`)
    const [, octal = ''] =
      /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? []
    const mode = (['read', 'write', 'both'] as const)[Number.parseInt(octal, 8) & 3]
    return mode === undefined ? undefined : { name, mode }
  } catch {
    return undefined
  }
}
