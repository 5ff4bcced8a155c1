import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { githubView } from '../../../src/inspect/views/github.ts'
import { checkResults } from '../../support/check-results.ts'

/** Reads a line as the runner does (ActionCommand.cs of actions/runner). */
function readCommand(line: string): { command: string; title: string; message: string } {
  const [, command = '', title = '', message = ''] =
    /^::(error|warning|notice) title=([^:,]*)::(.*)$/.exec(line) ?? []
  const plainText = (text: string): string =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%')
  return { command, title: plainText(title), message: plainText(message) }
}

describe('githubView', () => {
  it('writes a line for what fails, and none for what is in order', () => {
    const text = [...githubView(checkResults())].join('')
    expect(text.split('\n').at(-1)).toBe('')
    const commands = text.trimEnd().split('\n').map(readCommand)
    const failing = checkResults().filter(({ ok }) => !ok)
    expect(commands).toEqual(
      failing.map(({ name, subject, severity, message, details }) => ({
        command: severity === 'problem' ? 'error' : 'warning',
        title: `sockctl ${name}: ${subject}`,
        message: [message, ...details].join('\n'),
      })),
    )
  })

  it('gives back any text, and is one line whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (subject, message) => {
          // A percent sign that is none of ours is not escaped twice.
          const result = { ...checkResults()[1], subject, message, details: [] }
          const [line = ''] = githubView([result as ReturnType<typeof checkResults>[number]])
          expect(line.trimEnd().includes('\n')).toBe(false)
          expect(line.trimEnd().includes('\r')).toBe(false)
          expect(/^::error title=[^:,\n\r]*::/.test(line)).toBe(true)
        },
      ),
    )
  })
})
