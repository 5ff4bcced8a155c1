import { describe, expect, it } from 'vitest'
import {
  type ProtocolFlags,
  parseQuery,
  readFamilies,
  readProtocols,
} from '../../../../src/cli/commands/inspect/protocols.ts'
import { ALL_PROTOCOLS } from '../../../../src/inspect/select/everything.ts'

function queried(text: string, flags: ProtocolFlags = {}): string[] {
  return readProtocols({ ...flags, query: [parseQuery(text)] }, { onlyInternet: false })
}

describe('parseQuery', () => {
  it.each([
    ['tcp', ['tcp']],
    ['inet', ['tcp', 'mptcp', 'udp', 'udplite', 'raw']],
    ['inet,unix,!udplite,!raw', ['tcp', 'mptcp', 'udp', 'unix']],
    ['all', ALL_PROTOCOLS],
    ['all,!netlink', ALL_PROTOCOLS.filter(protocol => protocol !== 'netlink')],
    ['!tcp,!inet', ['unix', 'packet', 'netlink', 'vsock']],
  ])('reads %s', (text, protocols) => {
    expect(queried(text)).toEqual(protocols)
  })

  it.each([
    ['udpp', 'no such sockets: "udpp"', 'Did you mean udp?'],
    ['u_dgr', '"u_dgr" are not shown by themselves', 'Did you mean unix?'],
    ['tcp,packet_raw', '"packet_raw" are not shown by themselves', 'Did you mean packet?'],
    ['!', 'no such sockets: ""', expect.stringContaining('There are all, inet, tcp')],
  ])('refuses %s', (text, message, hint) => {
    expect(() => parseQuery(text)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', message, hints: [hint] }),
    )
  })
})

describe('readProtocols', () => {
  it('adds up what options name', () => {
    expect(queried('raw', { tcp: true, netlink: true })).toEqual(['tcp', 'netlink', 'raw'])
    expect(queried('tcp', { tcp: true })).toEqual(['tcp'])
  })

  it('takes a family for the protocols of it', () => {
    expect(readProtocols({ family: 'link' }, { onlyInternet: false })).toEqual(['packet'])
    expect(readProtocols({ family: 'inet6' }, { onlyInternet: false })).toEqual(['tcp', 'udp'])
    expect(readProtocols({ family: 'inet', raw: true }, { onlyInternet: false })).toEqual(['raw'])
  })
})

describe('readFamilies', () => {
  it('takes inet and inet6 for -4 and -6', () => {
    expect(readFamilies({ family: 'inet' })).toEqual(readFamilies({ ipv4: true }))
    expect(readFamilies({ family: 'inet6' })).toEqual(readFamilies({ ipv6: true }))
    expect(readFamilies({ ipv6: true })).not.toContain('ipv4')
    expect(readFamilies({ family: 'netlink' })).toHaveLength(6)
  })
})
