import { expect, it } from 'vitest'
import { inetAddress } from '../../src/address.ts'
import { formatEndpoint } from '../../src/endpoint/format.ts'
import { parseEndpoint } from '../../src/endpoint/parse.ts'
import { standingAt } from '../../src/endpoint/standing.ts'

it.each([
  ['tcp://:0', 'tcp://127.0.0.1:5000'],
  ['wss://localhost:0/chat?a=1', 'wss://127.0.0.1:5000/chat?a=1'],
  ['fd:3', 'tcp://127.0.0.1:5000'],
])('puts %s at the address it got', (text, standing) => {
  const address = inetAddress('127.0.0.1', 5000)
  expect(formatEndpoint(standingAt(parseEndpoint(text), address))).toBe(standing)
})

it('takes an inherited unix socket for what it is', () => {
  const standing = standingAt(parseEndpoint('fd:3'), { family: 'unix', path: '/tmp/s' })
  expect(formatEndpoint(standing)).toBe('unix:/tmp/s')
})
