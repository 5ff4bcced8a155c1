import { isIPv4 } from 'node:net'
import { isIPv6 } from '../../../address.ts'
import { SockctlError, usageError } from '../../../errors.ts'
import { closestWord } from '../../../terminal-text.ts'
import { parseBlock } from '../../select/address-block.ts'
import type { AddressBlock } from '../../select/expression.ts'
import { type PortOfService, type PortRange, parsePorts } from '../../select/ports.ts'
import {
  type Place,
  POLICY_PROTOCOLS,
  type Policy,
  type PolicyProtocol,
  type PolicyRule,
} from './types.ts'
import { fault, namesOf, type Word, wordsOf } from './words.ts'

/**
 * Reads a policy: see `Policy`.
 *
 * @param options.name what the text is called in errors: its file
 * @throws ERR_USAGE, with line and column
 */
export function parsePolicy(
  text: string,
  { name, portOfService }: { readonly name: string; readonly portOfService?: PortOfService },
): Policy {
  const rules: PolicyRule[] = []
  let byDefault: Policy['byDefault'] | undefined
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    const place = { name, line: index + 1 }
    atLine(place, () => {
      const words = wordsOf(line)
      const [first] = words
      if (first === undefined) return
      if (first.word !== 'default') {
        rules.push({ line: place.line, ...readRule(words, portOfService) })
        return
      }
      if (byDefault !== undefined) throw fault('there is a second default', first)
      byDefault = readDefault(words)
    })
  }
  return { byDefault: byDefault ?? 'deny', rules }
}

/** Says in which line something is wrong; the column and the pointer are there already. */
function atLine({ name, line }: { name: string; line: number }, read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof SockctlError)) throw error
    throw usageError(`${name}:${line}:${error.message}`, ...error.hints)
  }
}

function readDefault([first, second, third]: readonly Word[]): Policy['byDefault'] {
  if (third !== undefined) throw fault('nothing more belongs here', third)
  if (second?.word === 'allow' || second?.word === 'deny') return second.word
  throw fault('default is allow or deny', second ?? after(first))
}

const KINDS = ['allow', 'deny', 'require'] as const

function readRule(
  words: readonly Word[],
  portOfService: PortOfService | undefined,
): Omit<PolicyRule, 'line'> {
  const [first] = words
  const kind = KINDS.find(one => one === first?.word)
  const [protocolWord, placeWord, ...rest] = kind === undefined ? words : words.slice(1)
  const protocol = readProtocol(protocolWord ?? after(first), kind === undefined)
  if (placeWord === undefined) {
    const example = protocol === 'unix' ? '/run/app.sock' : '127.0.0.1:8080 or *:22'
    throw fault('where it listens is missing', after(protocolWord), `Write ${example}.`)
  }
  const place = protocol === 'unix' ? readPath(placeWord) : readPlace(placeWord, portOfService)
  return { kind: kind ?? 'allow', protocol, place, ...readHolder(rest) }
}

function readProtocol(word: Word, isFirst: boolean): PolicyProtocol {
  const found = POLICY_PROTOCOLS.find(one => one === word.word)
  if (found !== undefined) return found
  const known = isFirst ? [...POLICY_PROTOCOLS, ...KINDS, 'default'] : POLICY_PROTOCOLS
  const close = closestWord(word.word, known)
  const hint = close === undefined ? `There are ${known.join(', ')}.` : `Did you mean ${close}?`
  throw fault(
    word.word === '' ? 'a protocol is missing' : `no such protocol: "${word.word}"`,
    word,
    hint,
  )
}

function readPath(word: Word): Place {
  const [path, ...others] = namesOf(word)
  if (path === undefined || others.length > 0) throw fault('one path only', word)
  return { path }
}

function readPlace(word: Word, portOfService: PortOfService | undefined): Place {
  const [, bracketed, plain, ports] =
    /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:[\]]+)$/.exec(word.word) ?? []
  const address = bracketed ?? plain
  if (address === undefined || ports === undefined) {
    throw fault(
      `"${word.word}" is not an address and a port`,
      word,
      'Write 127.0.0.1:8080, [::1]:8080, localhost:3000-3010 or *:22.',
    )
  }
  return {
    addresses: readAddresses(address, word),
    ports:
      ports === '*'
        ? undefined
        : readPorts(ports, { ...word, start: word.end - ports.length }, portOfService),
  }
}

function readPorts(
  text: string,
  word: Word,
  portOfService: PortOfService | undefined,
): readonly PortRange[] {
  try {
    return parsePorts(text, portOfService)
  } catch (error) {
    if (!(error instanceof SockctlError)) throw error
    throw fault(error.message, word, ...error.hints)
  }
}

function readAddresses(address: string, word: Word): 'any' | 'localhost' | AddressBlock {
  if (address === '*') return 'any'
  if (address === 'localhost') return address
  const plain = address.replace(/%[^/]*/, '')
  const isWhole = plain.includes('/') || isIPv4(plain) || isIPv6(plain)
  const block = isWhole ? parseBlock(plain) : undefined
  if (block !== undefined) return block
  const place = { ...word, end: word.start + Math.max(1, address.length) }
  throw fault(
    `"${address}" is not an address`,
    place,
    'Write *, localhost, 10.0.0.0/8, 127.0.0.1 or [::1].',
  )
}

/** Behind the place: names of processes, and `user=`. */
function readHolder(words: readonly Word[]): Pick<PolicyRule, 'processes' | 'user'> {
  let processes: PolicyRule['processes'] | undefined
  let user: string | undefined
  for (const word of words) {
    const isUser = word.word.startsWith('user=')
    if (isUser ? user !== undefined : processes !== undefined) {
      const hint = 'Several names stand between commas: nginx,"my app".'
      throw fault(isUser ? 'there is a second user' : 'this does not belong here', word, hint)
    }
    if (!isUser) {
      processes = namesOf(word)
      continue
    }
    const value = { ...word, start: word.start + 'user='.length, word: word.word.slice(5) }
    const [name, ...others] = namesOf(value)
    if (name === undefined || others.length > 0) throw fault('one user only', value)
    user = name.text
  }
  return { processes: processes ?? [], user }
}

/** The end of the line, for what is missing there. */
function after(word: Word | undefined): Word {
  const text = word?.text ?? ''
  return { text, start: text.length, end: text.length, word: '' }
}
