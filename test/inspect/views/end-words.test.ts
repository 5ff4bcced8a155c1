import { describe, expect, it } from 'vitest'
import type { NetworkNamespace, SocketRecord } from '../../../src/inspect/types.ts'
import {
  cgroupText,
  localText,
  netnsText,
  remoteText,
} from '../../../src/inspect/views/end-words.ts'
import { address, connection, record, unixSocket } from '../../support/records.ts'

const interfaceName = (index: number, netns?: NetworkNamespace) =>
  netns === undefined ? { 2: 'eth0', 3: 'a\x1b[2J b' }[index] : undefined

function raw(protocol: number): SocketRecord {
  return record({
    protocol: 'raw',
    state: 'unconnected',
    local: address(`127.0.0.1:${protocol}`),
  })
}

function packet(protocol: number, interfaceIndex: number): SocketRecord {
  const local = { family: 'packet', protocol, interfaceIndex } as const
  return record({ protocol: 'packet', family: 'packet', state: 'unconnected', local })
}

function netlink(protocol: number, port: number, peer?: number): SocketRecord {
  const local = { family: 'netlink', protocol, port } as const
  const remote = peer === undefined ? undefined : { ...local, port: peer }
  return record({ protocol: 'netlink', family: 'netlink', state: 'unconnected', local, remote })
}

function vsock(cid: number, port: number, peer?: number): SocketRecord {
  const local = { family: 'vsock', cid, port } as const
  const remote = peer === undefined ? undefined : { ...local, cid: peer, port: 9 }
  return record({ protocol: 'vsock', family: 'vsock', local, remote })
}

describe('localText, remoteText', () => {
  it.each<[string, SocketRecord, string, string]>([
    ['a listener', record(), '127.0.0.1:8080', '*:*'],
    ['IPv6', connection('[::1]:80', '[fe80::1%eth0]:9'), '[::1]:80', '[fe80::1%eth0]:9'],
    ['a mapped peer', connection('[::]:80', '[::ffff:1.2.3.4]:9'), '[::]:80', '[::ffff:1.2.3.4]:9'],
    [
      'a unix listener',
      unixSocket('/run/s', { state: 'listen', unix: { type: 'stream', peerInode: undefined } }),
      '/run/s',
      '*',
    ],
    ['an accepted unix socket', unixSocket('/run/s'), '/run/s#1000', '#2001'],
    ['a unix socket without a name', unixSocket(''), '#1000', '#2001'],
    ['an unaccepted one', unixSocket('/run/s', { inode: 0 }), '/run/s', '#2001'],
    [
      'an abstract datagram socket',
      unixSocket('@bus', {
        state: 'unconnected',
        unix: { type: 'datagram', peerInode: undefined },
      }),
      '@bus',
      '*',
    ],
    [
      'a path that forges a row',
      unixSocket('/a b\ntcp LISTEN', {
        state: 'listen',
        unix: { type: 'stream', peerInode: undefined },
      }),
      '/a\\x20b\\ntcp\\x20LISTEN',
      '*',
    ],
    [
      'a socket bound to an interface',
      record({ local: address('0.0.0.0:68'), interfaceIndex: 2 }),
      '0.0.0.0%eth0:68',
      '*:*',
    ],
    [
      'one bound to an interface that has a zone already',
      connection('[fe80::1%eth0]:68', '[fe80::2%eth0]:9', { interfaceIndex: 2 }),
      '[fe80::1%eth0]:68',
      '[fe80::2%eth0]:9',
    ],
    [
      'one bound to an interface of another network namespace',
      record({ interfaceIndex: 2, netns: { inode: 7, name: undefined } }),
      '127.0.0.1%if2:8080',
      '*:*',
    ],
    ['a raw socket', raw(1), '127.0.0.1:icmp', '*:*'],
    ['a raw socket of a protocol without a name', raw(200), '127.0.0.1:200', '*:*'],
    [
      'a connected raw socket',
      { ...raw(58), remote: address('[::1]:0'), local: address('[::1]:58') },
      '[::1]:ipv6-icmp',
      '[::1]:*',
    ],
    ['MPTCP', record({ protocol: 'mptcp' }), '127.0.0.1:8080', '*:*'],
    ['UDP-Lite', record({ protocol: 'udplite' }), '127.0.0.1:8080', '*:*'],
    ['a packet socket that hears everything', packet(3, 0), '*:*', '*'],
    ['a packet socket of one protocol and interface', packet(0x0806, 2), 'arp:eth0', '*'],
    ['a packet socket of a number', packet(0x9999, 9), '[39321]:if9', '*'],
    ['a packet socket with a hostile interface', packet(3, 3), '*:a\\x1b[2J\\x20b', '*'],
    ['a netlink socket', netlink(0, 4711, 0), 'rtnl:4711', 'rtnl:kernel'],
    ['a netlink socket without a peer', netlink(15, 1), 'uevent:1', '*'],
    ['a netlink socket of the kernel', netlink(99, 0), '99:kernel', '*'],
    ['a vsock connection', vsock(2, 1024, 3), '2:1024', '3:9'],
    ['a vsock listener', vsock(0xffff_ffff, 5000), '*:5000', '*:*'],
  ])('names the ends of %s', (_, one, local, remote) => {
    expect([localText(one, interfaceName), remoteText(one, interfaceName)]).toEqual([local, remote])
  })

  it('writes an interface as its number when there are no names', () => {
    expect(localText(record({ interfaceIndex: 2 }))).toBe('127.0.0.1%if2:8080')
  })
})

describe('netnsText', () => {
  it('is the name, or the number as /proc has it', () => {
    expect(netnsText({ inode: 4026531833, name: 'shop' })).toBe('shop')
    expect(netnsText({ inode: 4026531833, name: 'a\n b' })).toBe('a\\n\\x20b')
    expect(netnsText({ inode: 4026531833, name: undefined })).toBe('net:[4026531833]')
  })
})

describe('cgroupText', () => {
  it('is the path, or the number', () => {
    expect(cgroupText(7, () => '/a b\n')).toBe('/a\\x20b\\n')
    expect(cgroupText(7, () => undefined)).toBe('7')
    expect(cgroupText(7)).toBe('7')
  })
})
