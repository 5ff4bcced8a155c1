import { errnoOf, SockctlError, systemError } from '../../errors.ts'

/** Starts a program of the system, without a shell, and gives what it wrote on stdout. */
export type RunCommand = (
  file: string,
  args: readonly string[],
  options?: CommandOptions,
) => Promise<string>

export interface CommandOptions {
  /** Exit codes that are no failure, beside 0, unless there are only complaints and no output. */
  readonly fine?: readonly number[]
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

/** A table of 100,000 sockets takes a few seconds; what takes longer hangs. */
const TIMEOUT_MS = 20_000

/** About 400,000 lines of netstat. */
const MAX_BYTES = 64 * 1024 * 1024

/** So much of what it complains about is kept. */
const MAX_ERROR_BYTES = 4096

/**
 * Runs a program of the system, with a limit on its time and on what it may write.
 *
 * @param file its whole path: a name would be looked for in folders that others may write to
 * @throws ERR_UNSUPPORTED when there is no such program, ERR_DENIED, ERR_SYSTEM when it fails, takes
 *   too long or writes too much: what it wrote until then is not used
 */
export const runCommand: RunCommand = async (file, args, options = {}) => {
  const line = [file, ...args].join(' ')
  try {
    return await outputOf(line, { file, args, options })
  } catch (error) {
    throw errnoOf(error) === 'ENOENT' ? missing(file) : systemError(`cannot run ${line}`, error)
  }
}

async function outputOf(
  line: string,
  { file, args, options }: { file: string; args: readonly string[]; options: CommandOptions },
): Promise<string> {
  const { fine = [], timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = options
  // It takes node 2 ms to load, and Linux never needs it.
  const { spawn } = await import('node:child_process')
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    windowsHide: true,
  })
  const over = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  let stop: string | undefined
  const end = (why: string): void => {
    stop ??= why
    child.kill('SIGKILL')
  }
  const output: Buffer[] = []
  let length = 0
  child.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > maxBytes) end(`more than ${maxBytes} bytes of output`)
    else output.push(chunk)
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < MAX_ERROR_BYTES) complaint += chunk
  })
  const timer = setTimeout(() => end(`no end after ${timeoutMs / 1000} s`), timeoutMs)
  const code = await over.finally(() => clearTimeout(timer))
  const [said = ''] = complaint.trim().split('\n')
  const saysSomething = length > 0 || said === ''
  const isFine = code === 0 || (code !== null && fine.includes(code) && saysSomething)
  if (stop !== undefined || !isFine) throw failed(line, stop ?? (said || `exit code ${code}`))
  return Buffer.concat(output).toString()
}

function failed(line: string, why: string): SockctlError {
  return new SockctlError('ERR_SYSTEM', `cannot list sockets: ${line}: ${why}`)
}

function missing(file: string): SockctlError {
  return new SockctlError('ERR_UNSUPPORTED', `cannot list sockets: there is no ${file}`)
}
