import { describe, expect, it } from 'vitest'
import {
  ALL_STATES,
  DEFAULT_STATES,
  isStateWord,
  parseStates,
  STATE_GROUPS,
} from '../../../src/inspect/select/states.ts'

describe('parseStates', () => {
  it.each([
    ['established', ['established']],
    ['estab', ['established']],
    ['ESTAB', ['established']],
    ['listening', ['listen']],
    ['LISTEN', ['listen']],
    ['unconn', ['unconnected']],
    ['closed', ['unconnected']],
    ['syn-rcv', ['syn-recv']],
    ['TIME_WAIT', ['time-wait']],
    ['FIN-WAIT1', ['fin-wait-1']],
    ['fin_wait_2', ['fin-wait-2']],
    ['bound-inactive', ['bound-inactive']],
    ['close-wait,time-wait', ['close-wait', 'time-wait']],
    ['close-wait, time-wait', ['close-wait', 'time-wait']],
    ['bucket', ['syn-recv', 'time-wait']],
    ['all', [...ALL_STATES]],
  ])('reads %s', (text, expected) => {
    expect(parseStates(text)).toEqual(expected)
  })

  it.each([
    ['close-wiat', 'no such state: "close-wiat"', 'Did you mean close-wait?'],
    ['lisetn', 'no such state: "lisetn"', 'Did you mean listen?'],
    ['estb', 'no such state: "estb"', 'Did you mean estab?'],
    ['listen,', 'a state is missing', expect.stringMatching(/^There are established, .*, big\.$/)],
    ['nonsense', 'no such state: "nonsense"', expect.stringContaining('synchronized')],
  ])('refuses %s', (text, message, hint) => {
    expect(() => parseStates(text)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', message, hints: [hint] }),
    )
  })
})

describe('STATE_GROUPS', () => {
  it('divides all states into bucket and big, as ss does', () => {
    expect([...STATE_GROUPS.bucket, ...STATE_GROUPS.big].sort()).toEqual([...ALL_STATES].sort())
  })

  it('counts as connected what has two ends', () => {
    expect(ALL_STATES.filter(state => !STATE_GROUPS.connected.includes(state))).toEqual([
      'unconnected',
      'listen',
      'bound-inactive',
    ])
    expect(STATE_GROUPS.connected.filter(one => !STATE_GROUPS.synchronized.includes(one))).toEqual([
      'syn-sent',
    ])
  })
})

describe('DEFAULT_STATES', () => {
  it('leaves out what ss leaves out', () => {
    expect(STATE_GROUPS.connected.filter(state => !DEFAULT_STATES.includes(state))).toEqual([
      'syn-recv',
      'time-wait',
    ])
  })
})

describe('isStateWord', () => {
  it('knows states, their aliases and groups', () => {
    expect(['estab', 'CLOSE-WAIT', 'connected', 'nginx'].map(isStateWord)).toEqual([
      true,
      true,
      true,
      false,
    ])
  })
})
