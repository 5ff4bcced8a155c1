import { describe, expect, it } from 'vitest'
import { withoutCredential } from '../../../src/transports/websocket/credential.ts'

describe('withoutCredential', () => {
  it.each([
    ['/', '/'],
    ['/chat?room=1', '/chat?room=1'],
    ['/chat?token=x', '/chat'],
    ['/chat?a=1&access_token=x&b=2', '/chat?a=1&b=2'],
    ['/chat?to%6ben=x', '/chat'],
    ['/chat?tokens=x', '/chat?tokens=x'],
    [undefined, '/'],
  ])('of %s is %s', (url, told) => {
    expect(withoutCredential(url)).toBe(told)
  })
})
