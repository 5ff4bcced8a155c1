import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../src/errors.ts'
import { isLocalhost, resolveHost } from '../../src/transports/resolve.ts'

async function hosts(...args: Parameters<typeof resolveHost>): Promise<string[]> {
  return (await resolveHost(...args)).map(one => one.host)
}

describe('resolveHost', () => {
  it.each(['localhost', 'LOCALHOST', 'localhost.', 'app.localhost'])(
    'makes both loopbacks of %s, whatever the resolver says',
    async name => {
      expect(await hosts(name, 80, {})).toEqual(['::1', '127.0.0.1'])
    },
  )

  it('leaves the family out that is not wanted', async () => {
    expect(await hosts('localhost', 80, { family: 4 })).toEqual(['127.0.0.1'])
    expect(await hosts('localhost', 80, { family: 6 })).toEqual(['::1'])
  })

  it('takes literals as they are', async () => {
    expect(await hosts('192.0.2.7', 80, { numeric: true })).toEqual(['192.0.2.7'])
    expect(await hosts('2001:db8::7', 80, { numeric: true })).toEqual(['2001:db8::7'])
    expect(await resolveHost('fe80::1%eth0', 80, {})).toEqual([
      { family: 'ipv6', host: 'fe80::1%eth0', port: 80 },
    ])
  })

  it('looks nothing up when it is told not to', async () => {
    const lookup = resolveHost('example.invalid', 80, { numeric: true })
    await expect(lookup).rejects.toThrow('example.invalid is not an IP address')
  })

  it('says that a literal is not of the wanted family', async () => {
    const lookup = resolveHost('127.0.0.1', 80, { family: 6 })
    await expect(lookup).rejects.toThrow('127.0.0.1 has no IPv6 address')
  })

  it('says which name is unknown', async () => {
    const failure = await resolveHost('no-such-host.invalid', 80, {}).catch(error => error)
    expect(failure).toBeInstanceOf(SockctlError)
    expect(failure.code).toBe('ERR_NOT_FOUND')
    expect(failure.message).toContain('cannot look up no-such-host.invalid')
  })
})

describe('isLocalhost', () => {
  it.each(['localhost', 'a.localhost'])('knows %s', name => expect(isLocalhost(name)).toBe(true))
  it.each(['localhost.example', 'mylocalhost', '127.0.0.1'])('knows %s is none', name =>
    expect(isLocalhost(name)).toBe(false),
  )
})
