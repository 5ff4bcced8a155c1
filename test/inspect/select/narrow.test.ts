import { describe, expect, it } from 'vitest'
import { possibleFamilies, possibleStates } from '../../../src/inspect/select/narrow.ts'
import { parseFilter } from '../../../src/inspect/select/parser.ts'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'

const parse = (text: string) => parseFilter(text, { portOfService: () => undefined }).expression

describe('possibleStates', () => {
  it.each([
    ['state = listen and sport = :1', ['listen']],
    ['state listen,closing state closing', ['listen', 'closing']],
    ['state = listen or state = closing', ['listen', 'closing']],
    ['state = listen,closing and state = connected', ['closing']],
    ['state = listen and state = closing', []],
    ['state = listen or sport = :1', ALL_STATES],
    ['not state = listen', ALL_STATES],
    ['sport = :1', ALL_STATES],
    ['', ALL_STATES],
  ])('%s', (text, states) => {
    expect([...possibleStates(parse(text))]).toEqual(states)
  })
})

describe('possibleFamilies', () => {
  it.each([
    ['sport = :1', ['ipv4', 'ipv6', 'vsock']],
    ['sport = *', ['ipv4', 'ipv6', 'unix', 'packet', 'netlink', 'vsock']],
    ['dst 127/8 or fwmark = 1', ['ipv4', 'ipv6']],
    ['src unix:* and process = x', ['unix']],
    ['dev = lo', ['ipv4', 'ipv6', 'packet']],
    ['src netlink:*', ['netlink']],
    ['not sport = :1', ['ipv4', 'ipv6', 'unix', 'packet', 'netlink', 'vsock']],
  ])('%s', (text, families) => {
    expect([...possibleFamilies(parse(text))]).toEqual(families)
  })
})
