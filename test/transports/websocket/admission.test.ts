import { describe, expect, it } from 'vitest'
import {
  parseHostName,
  parseOrigin,
  refusalOf,
} from '../../../src/transports/websocket/admission.ts'
import { failureOf } from '../../support/failure.ts'

const rules = { hosts: ['dev.example'], origins: ['https://app.example'] }

function ask(host: string | undefined, origin?: string): string | undefined {
  return refusalOf({ host, origin, localHost: '192.168.1.5' }, rules)
}

describe('refusalOf', () => {
  it.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST.:8080',
    'app.localhost:1',
    '127.0.0.1:80',
    '127.9.9.9',
    '[::1]:8080',
    '192.168.1.5:8080',
    'dev.example',
  ])('answers to its own name %s', host => {
    expect(ask(host)).toBeUndefined()
  })

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.evil.example',
    '192.168.1.6',
    '0.0.0.0:8080',
    '[::]:8080',
    '[fe80::1]',
  ])('does not answer to %s', host => {
    expect(ask(host)).toContain('not a name of ours')
  })

  it.each([
    undefined,
    '',
    'a b',
    'localhost/x',
    'user@localhost',
    'localhost:x',
    'localhost#',
    '[::1',
  ])('takes %j for no name at all', host => {
    expect(ask(host)).toContain('bad Host')
  })

  it.each([
    'http://localhost:3000',
    'https://localhost',
    'http://127.0.0.1:5173',
    'http://[::1]:1',
    'https://app.example',
    'HTTPS://APP.example:443',
    'http://192.168.1.5:8080',
  ])('lets a page of %s in', origin => {
    expect(ask('192.168.1.5:8080', origin)).toBeUndefined()
  })

  it.each([
    'https://evil.example',
    'http://app.example',
    'https://app.example:444',
    'https://app.example.evil.example',
    'http://localhost.evil.example',
    'http://127.evil.example',
    'http://evil.example/localhost',
    'http://localhost@evil.example',
    'http://localhost, http://evil.example',
    'http://192.168.1.5:9999',
    'null',
    'file://',
    'chrome-extension://localhost',
    '',
  ])('keeps a page of %j out', origin => {
    expect(ask('192.168.1.5:8080', origin)).toContain('wanted to connect')
  })

  it('lets every page in when it is told to', () => {
    const all = { hosts: [], origins: ['*'] }
    const request = { host: 'localhost', origin: 'https://any.example', localHost: '127.0.0.1' }
    expect(refusalOf(request, all)).toBeUndefined()
  })
})

describe('parseOrigin', () => {
  it.each([
    ['https://App.example', 'https://app.example'],
    ['https://app.example:443', 'https://app.example'],
    ['chrome-extension://abc', 'chrome-extension://abc'],
    ['null', 'null'],
    ['*', '*'],
  ])('reads %s', (text, origin) => {
    expect(parseOrigin(text)).toBe(origin)
  })

  it.each(['app.example', 'https://app.example/path', '', 'https://'])('refuses %j', text => {
    expect(failureOf(() => parseOrigin(text)).code).toBe('ERR_USAGE')
  })
})

describe('parseHostName', () => {
  it.each([
    ['App.Example', 'app.example'],
    ['10.0.0.1', '10.0.0.1'],
    ['fd00::1', 'fd00::1'],
  ])('reads %s', (text, host) => {
    expect(parseHostName(text)).toBe(host)
  })

  it.each(['app.example:80', 'https://app.example', ''])('refuses %j', text => {
    expect(failureOf(() => parseHostName(text)).code).toBe('ERR_USAGE')
  })
})
