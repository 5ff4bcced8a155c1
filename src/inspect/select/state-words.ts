import type { SocketState } from '../types.ts'
import { complaint, pointingAt } from './complaint.ts'
import type { StateTest } from './expression.ts'
import { fieldNamed, kindOf } from './fields.ts'
import type { Lexer, Token } from './lexer.ts'
import type { Reading } from './parser.ts'
import { ALL_STATES, parseStates } from './states.ts'

/**
 * Reads the state words with which ss(8) wants an expression to begin: `state listen`, `state
 * connected exclude time-wait`. The first one starts from none or from all, the others add and take
 * away. With an operator it is a test like any other: `state = listen`.
 *
 * @returns undefined when there are none
 */
export function parseStateWords(reading: Reading): StateTest | undefined {
  const { lexer } = reading
  let states: Set<SocketState> | undefined
  for (;;) {
    const token = takeStateWord(lexer)
    if (token === undefined) return states && { kind: 'state', states }
    const word = token.word.toLowerCase()
    const value = lexer.takeValue({ isText: false })
    if (value === undefined) {
      throw complaint(`a state is missing after "${word}"`, token, `For example: ${word} time-wait`)
    }
    const named = pointingAt(value, () => parseStates(value.word))
    reading.namesStates = true
    states ??= new Set(word === 'state' ? [] : ALL_STATES)
    for (const state of named) {
      if (word === 'state') states.add(state)
      else states.delete(state)
    }
  }
}

/** Takes `state` or `exclude`, unless an operator follows. */
function takeStateWord(lexer: Lexer): Token | undefined {
  let token: Token | undefined
  const isTaken = lexer.tryTo(() => {
    token = lexer.takeWord()
    const field = fieldNamed(token.word)
    const isStateWord = field !== undefined && kindOf(field) === 'state'
    return isStateWord && !lexer.tryTo(() => lexer.takeOperator() !== undefined)
  })
  return isTaken ? token : undefined
}
