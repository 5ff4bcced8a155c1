import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type NcProxyFlags, readProxy } from '../../../src/cli/commands/proxy-options.ts'
import { fakeContext, run } from '../../support/context.ts'
import { failureFrom } from '../../support/failure.ts'
import { endSessionsAfterEach, newFolder } from '../../support/serve-session.ts'

endSessionsAfterEach()

const ENV = { LOGIN: 'me:secret:with colon', ALL_PROXY: 'socks5h://me:a%40b@proxy.example' }

function read(flags: NcProxyFlags, env: Record<string, string> = ENV) {
  return readProxy(flags, fakeContext({ env }))
}

describe('readProxy', () => {
  it.each([
    [{ proxy: 'socks5://p' }, { scheme: 'socks5', host: 'p', port: 1080 }],
    [{ proxy: 'http://p:8080/' }, { scheme: 'http', host: 'p', port: 8080 }],
    [{ proxy: 'http://[::1]' }, { scheme: 'http', host: '::1', port: 3128 }],
    [{ proxy: 'p:1' }, { scheme: 'socks5h', host: 'p', port: 1 }],
    [
      { proxy: 'p', proxyProtocol: 'connect' },
      { scheme: 'http', host: 'p', port: 3128 },
    ],
    [
      { proxy: 'p', proxyProtocol: '4' },
      { scheme: 'socks4', host: 'p', port: 1080 },
    ],
    [
      { proxy: 'p', proxyProtocol: '5' },
      { scheme: 'socks5h', host: 'p', port: 1080 },
    ],
  ] as const)('reads %j', async (flags, proxy) => {
    expect(await read(flags)).toEqual(proxy)
  })

  it('takes who we are from a variable or a file, and a user alone from the URL', async () => {
    const login = { user: 'me', password: 'secret:with colon' }
    expect(await read({ proxy: 'http://p', proxyAuth: 'env:LOGIN' })).toMatchObject({ login })
    expect(await read({ proxy: 'http://env:LOGIN@p' })).toMatchObject({ login })
    const path = `${newFolder()}/login`
    writeFileSync(path, 'me:secret:with colon\n', { mode: 0o600 })
    expect(await read({ proxy: `socks5://file:${path}@p:1` })).toMatchObject({ login, port: 1 })
    expect(await read({ proxy: 'socks4://me@p' })).toMatchObject({
      login: { user: 'me', password: '' },
    })
  })

  it('reads the environment where it is told to', async () => {
    expect(await read({ proxy: 'env' })).toEqual({
      scheme: 'socks5h',
      host: 'proxy.example',
      port: 1080,
      login: { user: 'me', password: 'a@b' },
    })
    expect(await read({})).toBeUndefined()
    expect(await failureFrom(read({ proxy: 'env' }, {}))).toMatchObject({ code: 'ERR_USAGE' })
  })

  it.each([
    [{ proxy: 'http://me:secret@p' }, 'seen by everybody'],
    [{ proxyProtocol: '5' }, '-X goes with -x'],
    [{ proxyAuth: 'env:LOGIN' }, '--proxy-auth goes with --proxy'],
    [{ proxy: 'http://p', proxyProtocol: '5' }, 'the URL says it already'],
    [{ proxy: 'sock5://p' }, 'did you mean socks5'],
    [{ proxy: 'http://' }, 'the host of the proxy is missing'],
    [{ proxy: 'http://p:99999' }, 'too large'],
  ] as const)('refuses %j', async (flags, words) => {
    const failure = await failureFrom(read(flags))
    expect(failure.code).toBe('ERR_USAGE')
    expect(failure.message).toContain(words)
    expect(failure.message).not.toContain('secret')
  })

  it('gives what does not go over TCP the exit code of it', async () => {
    const unix = await run(['connect', '-x', 'http://127.0.0.1:1', 'unix:/tmp/x', '-d'])
    expect(unix.code).toBe(9)
  })
})
