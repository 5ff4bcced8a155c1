import { describe, expect, it } from 'vitest'
import { formatTarget, parseTarget } from '../../../src/inspect/explain/target.ts'

describe('parseTarget', () => {
  it.each([
    ['8080', { kind: 'port', port: 8080, host: undefined }],
    [':8080', { kind: 'port', port: 8080, host: undefined }],
    ['127.0.0.1:80', { kind: 'port', port: 80, host: '127.0.0.1' }],
    ['[::1]:80', { kind: 'port', port: 80, host: '::1' }],
    ['[fe80::1%eth0]:80', { kind: 'port', port: 80, host: 'fe80::1%eth0' }],
    ['[0:0:0:0:0:0:0:1]:80', { kind: 'port', port: 80, host: '::1' }],
    ['[::ffff:127.0.0.1]:80', { kind: 'port', port: 80, host: '127.0.0.1' }],
    ['localhost:5173', { kind: 'port', port: 5173, host: 'localhost' }],
    ['tcp://127.0.0.1:8080', { kind: 'port', port: 8080, host: '127.0.0.1' }],
    ['udp://[::1]:53', { kind: 'port', port: 53, host: '::1' }],
    ['http://localhost:3000/app?a=b:1', { kind: 'port', port: 3000, host: 'localhost' }],
    ['http://localhost/', { kind: 'port', port: 80, host: 'localhost' }],
    ['wss://127.0.0.1', { kind: 'port', port: 443, host: '127.0.0.1' }],
    ['localhost:3000/', { kind: 'port', port: 3000, host: 'localhost' }],
    ['127.0.0.1:8080/a?b#c', { kind: 'port', port: 8080, host: '127.0.0.1' }],
    ['LocalHost:3000', { kind: 'port', port: 3000, host: 'localhost' }],
    ['http://app.localhost:3000/', { kind: 'port', port: 3000, host: 'localhost' }],
    ['http://user:pass@localhost:1/', { kind: 'port', port: 1, host: 'localhost' }],
    ['HTTP://127.0.0.1', { kind: 'port', port: 80, host: '127.0.0.1' }],
    ['ws://[::1]:80/x', { kind: 'port', port: 80, host: '::1' }],
    ['http://[fe80::1%25eth0]:80/', { kind: 'port', port: 80, host: 'fe80::1%eth0' }],
    ['postgres://u:p@127.0.0.1:5432/db', { kind: 'port', port: 5432, host: '127.0.0.1' }],
    ['http://*:3000', { kind: 'port', port: 3000, host: undefined }],
    ['tcp://:3000', { kind: 'port', port: 3000, host: undefined }],
    ['*:3000', { kind: 'port', port: 3000, host: undefined }],
    ['unix:///tmp/s', { kind: 'unix', path: '/tmp/s' }],
    ['pid:1234', { kind: 'process', pid: 1234 }],
    ['unix:/tmp/s', { kind: 'unix', path: '/tmp/s' }],
    ['unix:s', { kind: 'unix', path: 's' }],
    ['/tmp/a b', { kind: 'unix', path: '/tmp/a b' }],
    ['@name', { kind: 'unix', path: '@name' }],
    ['node', { kind: 'name', name: 'node' }],
    ['docker-proxy', { kind: 'name', name: 'docker-proxy' }],
  ])('reads %s', (word, target) => {
    expect(parseTarget(word)).toEqual(target)
  })

  it.each([
    ...['80,443', '3000-3010', '-', '10.0.0.1', '10/8', 'sport', 'autobound', 'db.local:5432'],
    ...['a=b', 'state', '', '(', '[::1]', '999.0.0.1:80', '::1:80'],
    ...['127.1:80', '1.2.3.4.:80', '[fe80::g%lo]:80', 'db.local:80/x', '10.0.0.0/8', '3000/tcp'],
    ...['localhost', 'app.localhost', '::1', 'fe80::1%eth0'],
  ])('leaves %j to filters and lists', word => {
    expect(parseTarget(word)).toBeUndefined()
  })

  it.each([
    ['0', 'no socket has port 0'],
    ['70000', 'port 70000 is too large'],
    ['127.0.0.1:70000', 'port 70000 is too large'],
    ['pid:node', '"node" is not a pid'],
    ['pid:', '"" is not a pid'],
    ['unix:', 'a path is missing'],
    ['https://example.com/', 'no address of this machine can be told from the name "example.com"'],
    [
      'http://u@example.com:1/',
      'no address of this machine can be told from the name "example.com"',
    ],
    ['foo://1:2', 'no address of this machine can be told from the name "1"'],
    ['tcp://127.0.0.1', 'no port stands in "tcp://127.0.0.1"'],
    ['http://localhost:http', '"localhost:http" is not a host and a port'],
    ['http://', '"" is not a host and a port'],
    ['http://localhost:0/', 'no socket has port 0'],
  ])('refuses %s', (word, message) => {
    expect(() => parseTarget(word)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining(message) }),
    )
  })

  it.each(['8080', '127.0.0.1:80', '[::1]:80', 'localhost:1', 'pid:1', '/s', '@s', 'unix:s', 'sh'])(
    'is written as it was typed: %s',
    word => {
      const target = parseTarget(word)
      expect(target && formatTarget(target)).toBe(word)
    },
  )
})
