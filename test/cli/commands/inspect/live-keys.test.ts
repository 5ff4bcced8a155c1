import { describe, expect, it } from 'vitest'
import { keysIn } from '../../../../src/cli/commands/inspect/live-keys.ts'

const kinds = (text: string, isTyping = false) =>
  keysIn(text, { isTyping }).map(action => ('letter' in action ? action.letter : action.kind))

describe('keysIn', () => {
  it('reads letters as commands', () => {
    expect(kinds('srpq')).toEqual(['sort', 'reverse', 'pause', 'quit'])
  })

  it('reads letters as text between / and Enter', () => {
    expect(kinds('/sq\x7f\rq')).toEqual(['type', 's', 'q', 'erase', 'type', 'quit'])
  })

  it('takes Ctrl-C and Ctrl-Z always', () => {
    expect(kinds('\x03\x1a', true)).toEqual(['interrupt', 'suspend'])
  })

  it('reads the keys of xterm as one each, and leaves out what means nothing', () => {
    expect(keysIn('\x1b[B\x1b[6~\x1b[1;5Cx', { isTyping: false })).toEqual([
      { kind: 'scroll', rows: 1, pages: 0 },
      { kind: 'scroll', rows: 0, pages: 1 },
    ])
    expect(kinds('\x1b[C', true)).toEqual([])
  })

  it('has no key that is a word of every object', () => {
    expect(kinds('constructor', true)).toEqual([...'constructor'])
  })
})
