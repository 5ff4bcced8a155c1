import type { Context } from './context.ts'

/** Whether somebody sits at a terminal who can be asked. */
export function canAsk({ stdin, stderr }: Pick<Context, 'stdin' | 'stderr'>): boolean {
  return !!stdin.isTTY && !!stderr.isTTY
}

/**
 * Asks a question to which only y or yes says yes: an empty line and the end of input (Ctrl-D) say no.
 * The terminal edits the line, and Ctrl-C ends sockctl as always. To be asked only where `canAsk`.
 *
 * @param question ends in a question mark; has to be safe to print
 */
export async function confirm(
  question: string,
  { stdin, stderr }: Pick<Context, 'stdin' | 'stderr'>,
): Promise<boolean> {
  stderr.write(`${question} [y/N] `)
  const answer = await readLine(stdin)
  // After Ctrl-D the cursor still stands behind the question.
  if (answer === undefined) stderr.write('\n')
  return /^y(?:es)?$/i.test(answer?.trim() ?? '')
}

/** The next line, without its end; undefined when there is none. What follows it stays unread. */
function readLine(stdin: Context['stdin']): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let text = ''
    const settle = (line: string | undefined): void => {
      stdin.off('data', onData)
      stdin.off('end', onEnd)
      stdin.off('error', reject)
      stdin.pause()
      resolve(line)
    }
    const onEnd = (): void => settle(text === '' ? undefined : text)
    const onData = (chunk: Buffer | string): void => {
      text += chunk.toString()
      const end = text.indexOf('\n')
      if (end === -1) return
      const rest = text.slice(end + 1)
      settle(text.slice(0, end))
      if (rest !== '') stdin.unshift(Buffer.from(rest))
    }
    stdin.on('data', onData)
    stdin.once('end', onEnd)
    stdin.once('error', reject)
    // Only the first listener sets a stream going that was never paused.
    stdin.resume()
  })
}
