import type { Context, OutputStream } from './cli/context.ts'
import { processContext } from './cli/context.ts'
import { EXIT_CODES } from './cli/exit-code.ts'
import { runProgram } from './cli/program.ts'
import { reportError } from './cli/report-error.ts'
import { errnoOf, systemError } from './errors.ts'

/**
 * Runs one command line and returns its exit code; never throws, never ends the process.
 *
 * @param argv what was typed after `sockctl`
 */
export async function main(
  argv: readonly string[],
  context: Context = processContext(),
): Promise<number> {
  try {
    const code = await runProgram(argv, context)
    return await afterOutput(code, context)
  } catch (error) {
    if (context.outputClosed.aborted) return afterOutput(EXIT_CODES.ok.code, context)
    return reportError(error, context)
  }
}

/** Reports an exception that nobody caught, and returns the exit code. */
export function crash(error: unknown, context: Context = processContext()): Promise<number> {
  return reportError(error, context)
}

/** A reader that left early (`| head -1`) got what it wanted; a disk that is full is a failure. */
async function afterOutput(code: number, context: Context): Promise<number> {
  await flushed(context.stdout)
  if (!context.outputClosed.aborted) return code
  const { reason } = context.outputClosed
  if (errnoOf(reason) === 'EPIPE') return EXIT_CODES.ok.code
  return reportError(systemError('cannot write to stdout', reason), context)
}

/** Waits until what was written has been taken, or has failed: the stream says so only later. */
async function flushed(stdout: OutputStream): Promise<void> {
  if (stdout.writableEnded || stdout.destroyed) return
  await new Promise(resolve => stdout.write('', resolve))
}
