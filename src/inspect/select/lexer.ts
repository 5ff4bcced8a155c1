import { complaint, type Place } from './complaint.ts'

/** The operators of ss(8), by each of their spellings, and `~`, which is ours. */
const OPERATORS = {
  '=': '=',
  '==': '=',
  eq: '=',
  '!=': '!=',
  ne: '!=',
  neq: '!=',
  '>=': '>=',
  ge: '>=',
  geq: '>=',
  '<=': '<=',
  le: '<=',
  leq: '<=',
  '>': '>',
  gt: '>',
  '<': '<',
  lt: '<',
  '~': '~',
  has: '~',
} as const

export type Operator = (typeof OPERATORS)[keyof typeof OPERATORS]

const JOINTS = {
  '!': 'not',
  not: 'not',
  '&': 'and',
  '&&': 'and',
  and: 'and',
  '|': 'or',
  '||': 'or',
  or: 'or',
  '(': '(',
  ')': ')',
} as const

/** What stands between tests. */
export type Joint = (typeof JOINTS)[keyof typeof JOINTS]

/** A piece of the text with what it says, less its backslashes. */
export interface Token extends Place {
  readonly word: string
  /** The same, divided at its commas. */
  readonly list: readonly string[]
  /** A backslash was in it: it means itself, whatever it looks like. */
  readonly isLiteral: boolean
}

/**
 * Reads an expression piece by piece. What a piece is depends on where it stands, so the parser says
 * what it expects: a joint, a word, an operator or a value.
 *
 * As in ss(8), blanks separate and a backslash makes the next character literal. Beyond it, blanks
 * may be left out around operators and brackets, and case does not matter in words.
 */
export class Lexer {
  readonly text: string
  #at = 0
  #openBrackets = 0

  constructor(text: string) {
    this.text = text
  }

  /** The place that is read next, or the end. */
  get here(): Place {
    const start = this.#skipBlanks()
    return { text: this.text, start, end: start }
  }

  get isAtEnd(): boolean {
    return this.#skipBlanks() >= this.text.length
  }

  /** The joint that comes next, which stays there; undefined when it is something else. */
  peekJoint(): Joint | undefined {
    return this.#match(JOINT, JOINTS)?.meaning
  }

  takeJoint(): void {
    const match = this.#match(JOINT, JOINTS)
    if (match === undefined) return
    if (match.meaning === '(') this.#openBrackets++
    if (match.meaning === ')') this.#openBrackets--
    this.#at = match.end
  }

  /** Takes the word that begins a test, up to a blank, an operator or a bracket. */
  takeWord(): Token {
    return this.#take(/[\s()!<>=~&|]/)
  }

  /** What is still to be read. */
  get rest(): string {
    return this.text.slice(this.#at)
  }

  /** Reads something, and stays where it was unless that gives true. */
  tryTo(read: () => boolean): boolean {
    const at = this.#at
    const isRead = read()
    if (!isRead) this.#at = at
    return isRead
  }

  /** Takes an operator; undefined, and nothing taken, when there is none. */
  takeOperator(): Operator | undefined {
    const match = this.#match(OPERATOR, OPERATORS)
    if (match !== undefined) this.#at = match.end
    return match?.meaning
  }

  /**
   * Takes a value: up to a blank, less the brackets at its end that close some before it.
   *
   * @param options.isText it may hold any character, such as a path: only a blank ends it
   * @returns undefined when there is none
   */
  takeValue({ isText }: { readonly isText: boolean }): Token | undefined {
    if (this.isAtEnd || this.peekJoint() !== undefined) return undefined
    const token = this.#take(isText ? /\s/ : /[\s()&|]/)
    if (!isText) return token
    const surplus = this.#surplusBrackets(token)
    if (surplus === 0) return token
    this.#at -= surplus
    const cut = (word: string): string => word.slice(0, word.length - surplus)
    const list = [...token.list.slice(0, -1), cut(token.list.at(-1) ?? '')]
    return { ...token, end: this.#at, word: cut(token.word), list }
  }

  /** How many brackets at the end of a text close one of the expression, and none of its own. */
  #surplusBrackets({ start, end }: Token): number {
    const bare = this.text.slice(start, end).replaceAll(/\\[\s\S]/g, '..')
    const closing = /\)*$/.exec(bare)?.[0].length ?? 0
    const opened = bare.split('(').length - 1
    const closed = bare.split(')').length - 1
    return Math.max(0, Math.min(closing, closed - opened, this.#openBrackets))
  }

  #take(stop: RegExp): Token {
    const start = this.#skipBlanks()
    const list = ['']
    let at = start
    for (; at < this.text.length && !stop.test(this.text.charAt(at)); at++) {
      const isEscaped = this.text[at] === '\\'
      if (isEscaped && ++at === this.text.length) {
        const place = { text: this.text, start: at - 1, end: at }
        throw complaint('nothing follows the backslash', place, 'Write \\\\ for a backslash.')
      }
      if (!isEscaped && this.text[at] === ',') list.push('')
      else list.push(`${list.pop() ?? ''}${this.text.charAt(at)}`)
    }
    this.#at = at
    const isLiteral = this.text.slice(start, at).includes('\\')
    return { text: this.text, start, end: at, word: list.join(','), list, isLiteral }
  }

  #match<T>(
    pattern: RegExp,
    meanings: Readonly<Record<string, T>>,
  ): { readonly meaning: T; readonly end: number } | undefined {
    pattern.lastIndex = this.#skipBlanks()
    const found = pattern.exec(this.text)?.[0]
    const meaning = found === undefined ? undefined : meanings[found.toLowerCase()]
    return meaning === undefined ? undefined : { meaning, end: pattern.lastIndex }
  }

  #skipBlanks(): number {
    while (/\s/.test(this.text.charAt(this.#at))) this.#at++
    return this.#at
  }
}

/** Words end at a blank or a bracket: `order` does not begin with an `or`. */
const JOINT = /[()]|&&?|\|\|?|!(?!=)|(?:and|or|not)(?=[\s()]|$)/iy
const OPERATOR = /==|!=|>=|<=|[=<>~]|(?:eq|neq?|geq?|leq?|gt|lt|has)(?=\s|$)/iy
