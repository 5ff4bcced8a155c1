import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readStdin } from '../../src/cli/read-stdin.ts'
import { main } from '../../src/main.ts'
import { fakeContext } from '../support/context.ts'

/** A world whose stdin nobody may open. */
function closedContext() {
  const context = fakeContext()
  Object.defineProperty(context, 'stdin', {
    get() {
      throw new Error('stdin was opened')
    },
  })
  return context
}

describe('readStdin', () => {
  it('reads letters that came in pieces', async () => {
    const stdin = new PassThrough()
    for (const byte of Buffer.from('é\n')) stdin.write(Buffer.of(byte))
    stdin.end()
    expect(await readStdin({ stdin })).toBe('é\n')
  })

  it.skipIf(process.platform !== 'linux').each([
    ['a list', ['-tan']],
    ['a filter', ['sport', '=', '1']],
    ['a report', ['1', '--no-bind']],
    ['the overview', []],
  ])('is not called, nor stdin opened, for %s', async (_, argv) => {
    const context = closedContext()
    await main(['inspect', ...argv], context)
    expect(context.stderr.text).not.toContain('stdin was opened')
    expect(context.stdout.text + context.stderr.text).not.toBe('')
  })
})
