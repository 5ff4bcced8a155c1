import { SockctlError } from '../errors.ts'
import { terminalText } from '../terminal-text.ts'
import { loadPaint, wantsColor } from './color.ts'
import type { Context } from './context.ts'
import { exitCodeOf } from './exit-code.ts'

const REPORT_URL = 'https://github.com/sockctl/sockctl/issues'

/**
 * Says on stderr what went wrong, why, and what to type; returns the exit code it becomes.
 * What nobody foresaw is shown with its stack and a place to report it.
 */
export async function reportError(error: unknown, context: Context): Promise<number> {
  const paint = await loadPaint(wantsColor('auto', context.stderr, context.env))
  const name = paint.bad('sockctl:')
  if (error instanceof SockctlError) {
    const hints = error.hints.map(hint => `  ${terminalText(hint)}\n`).join('')
    context.stderr.write(`${name} ${terminalText(error.message)}\n${hints}`)
    if (context.env.SOCKCTL_DEBUG) context.stderr.write(`${error.stack}\n`)
  } else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const lines = stack.split('\n').map(line => `  ${terminalText(line)}\n`)
    context.stderr.write(`${name} this is a bug in sockctl\n${lines.join('')}`)
    context.stderr.write(`  Please report it, with the command you typed: ${REPORT_URL}\n`)
  }
  return exitCodeOf(error)
}
