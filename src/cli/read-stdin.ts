import type { Context } from './context.ts'

/**
 * Reads all that comes on stdin, as UTF-8. stdin is taken out of the context only here: to open it
 * takes Node 2 to 4 ms, which a command that does not read it can do without.
 */
export async function readStdin(context: Pick<Context, 'stdin'>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of context.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
