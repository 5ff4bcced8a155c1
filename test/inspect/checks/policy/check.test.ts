import { describe, expect, it } from 'vitest'
import { checkPolicy } from '../../../../src/inspect/checks/policy/check.ts'
import { parsePolicy } from '../../../../src/inspect/checks/policy/parse.ts'
import { writePolicy } from '../../../../src/inspect/checks/policy/write.ts'
import type { Owner, SocketRecord } from '../../../../src/inspect/types.ts'
import { HOSTILE } from '../../../support/check-results.ts'
import { address, connection, record, socketList, unixSocket } from '../../../support/records.ts'

const ALL = { protocols: new Set(['tcp', 'udp', 'unix']) }
const nginx = { pid: 80, fd: 6, name: 'nginx' }
const sshd = { pid: 22, fd: 3, name: 'sshd' }

function check(policy: string, records: readonly SocketRecord[], owners = OWNERS, scope = ALL) {
  const list = socketList(records, owners, 0)
  return checkPolicy(parsePolicy(policy, { name: 'p' }), list, scope).map(
    ({ name, subject, ok, unseen }) => [name.slice(7), subject, unseen ?? ok],
  )
}

const at = (text: string, parts: Partial<SocketRecord> = {}): SocketRecord => {
  const local = address(text)
  return record({ local, family: local.family, ...parts })
}

const web = at('0.0.0.0:80', { inode: 1, uid: 33 })
const ssh = at('[::]:22', { inode: 2 })
const hidden = at('127.0.0.1:5432', { inode: 3, uid: 70 })
const OWNERS: Readonly<Record<number, readonly Owner[]>> = { 1: [nginx], 2: [sshd] }

describe('checkPolicy', () => {
  it.each<[string, string, SocketRecord, boolean | string]>([
    ['any address and process', 'tcp *:80', web, true],
    ['the address', 'tcp 0.0.0.0:80', web, true],
    ['another address', 'tcp 127.0.0.1:80', web, false],
    ['another port', 'tcp *:81', web, false],
    ['a range of ports', 'tcp *:1-1024', web, true],
    ['another protocol', 'udp *:80', web, false],
    ['a network of the other family', 'tcp 0.0.0.0/0:22', ssh, false],
    ['a network in brackets', 'tcp [::/0]:22', ssh, true],
    ['localhost', 'tcp localhost:*', hidden, true],
    ['not localhost', 'tcp localhost:*', web, false],
    ['the process', 'tcp *:80 nginx', web, true],
    ['one of several processes', 'tcp *:80 apache2,nginx', web, true],
    ['a pattern of processes', 'tcp *:80 ng*', web, true],
    ['a pattern in quotes, which is none', 'tcp *:80 "ng*"', web, false],
    ['another process', 'tcp *:80 apache2', web, false],
    ['its name in other letters', 'tcp *:80 NGINX', web, false],
    ['another process, whatever is usual', 'default allow\ntcp *:80 apache2', web, false],
    ['another process in one line, it in the next', 'tcp *:80 apache2\ntcp *:80 nginx', web, true],
    ['the user', 'tcp *:80 nginx user=www-data', web, true],
    ['the user by number', 'tcp *:80 user=33', web, true],
    ['another user', 'tcp *:80 nginx user=root', web, false],
    ['nothing, and that is usual', 'default allow', web, true],
    ['nothing', '', web, false],
    ['a denial first', 'deny tcp *:80\ntcp *:80', web, false],
    ['a denial of another process', 'deny tcp *:80 nc\ntcp *:80', web, true],
    ['a denial last', 'tcp *:80\ndeny tcp *:80', web, true],
    ['a hidden process', 'tcp *:5432 postgres', hidden, 'denied'],
    ['a hidden process, whatever is usual', 'default allow\ntcp *:5432 x', hidden, 'denied'],
    ['a hidden process of another user', 'tcp *:5432 postgres user=root', hidden, false],
    ['a hidden process that does not matter', 'tcp *:5432 postgres\ntcp *:5432', hidden, true],
    ['a hidden process that may be denied', 'deny tcp *:5432 nc\ntcp *:5432', hidden, 'denied'],
    ['a hidden process that is denied anyhow', 'deny tcp *:5432 nc', hidden, false],
  ])('allows %s or not', (_, policy, listener, expected) => {
    const [[, , verdict] = []] = check(policy, [listener])
    expect(verdict).toBe(expected)
  })

  it('wants every holder to be allowed', () => {
    const owners = { 1: [nginx, { pid: 9, fd: 3, name: 'sh' }] }
    expect(check('tcp *:80 nginx', [web], owners)).toEqual([['listener', 'tcp 0.0.0.0:80', false]])
    expect(check('tcp *:80 nginx,sh', [web], owners)).toEqual([
      ['listener', 'tcp 0.0.0.0:80', true],
    ])
    expect(check('default allow\ndeny tcp *:80 sh', [web], owners)).toEqual([
      ['listener', 'tcp 0.0.0.0:80', false],
    ])
  })

  it('knows a name by the 15 bytes that Linux keeps of it', () => {
    const owners = { 1: [{ ...nginx, name: 'systemd-resolve' }] }
    expect(check('tcp *:80 systemd-resolved', [web], owners)[0]?.[2]).toBe(true)
    expect(check('tcp *:80 systemd-res', [web], owners)[0]?.[2]).toBe(false)
  })

  it('looks at listeners only, and at each address once', () => {
    const records = [web, { ...web, inode: 1 }, connection('10.0.0.1:4000', '10.0.0.2:80')]
    expect(check('', records)).toEqual([['listener', 'tcp 0.0.0.0:80', false]])
  })

  it('looks at UDP that waits, and at unix sockets by path', () => {
    const records = [
      at('0.0.0.0:68', { protocol: 'udp', state: 'unconnected', inode: 2 }),
      at('0.0.0.0:0', { protocol: 'udp', state: 'unconnected', inode: 2 }),
      unixSocket('/run/a b', { state: 'listen', inode: 1 }),
    ]
    expect(check('udp *:68\nunix /run/* nginx', records)).toEqual([
      ['listener', 'udp 0.0.0.0:68', true],
      ['listener', 'unix /run/a\\x20b', true],
    ])
  })

  it('misses what is required', () => {
    const policy = 'require tcp *:80 nginx\nrequire tcp *:443\nrequire tcp *:5432 postgres'
    expect(check(policy, [web, hidden])).toEqual([
      ['listener', 'tcp 0.0.0.0:80', true],
      ['listener', 'tcp 127.0.0.1:5432', 'denied'],
      ['required', 'require tcp *:443', false],
      ['required', 'require tcp *:5432 postgres', 'denied'],
    ])
  })

  it('does not miss what nobody looked at', () => {
    const scope = { protocols: new Set(['tcp']) }
    expect(check('require udp *:53', [], OWNERS, scope)).toEqual([])
  })

  it('says who holds it and which line is broken', () => {
    const list = socketList([web], OWNERS, 0)
    const [result] = checkPolicy(parsePolicy('\ntcp *:80 apache2', { name: 'p' }), list, ALL)
    expect(result?.message).toBe(
      'tcp 0.0.0.0:80 is allowed to another process or user only: line 2: tcp *:80 apache2',
    )
    expect(result?.details).toEqual(['held by nginx pid=80 fd=6', 'made by user 33 www-data'])
  })
})

describe('writePolicy', () => {
  it('allows what listens now, hostile names and all', () => {
    const records = [web, ssh, hidden, unixSocket(HOSTILE, { state: 'listen', inode: 4 })]
    const owners = { ...OWNERS, 4: [{ pid: 9, fd: 3, name: HOSTILE }, nginx] }
    const text = [...writePolicy(socketList(records, owners, 0))].join('')
    expect(text).toContain('\ntcp 0.0.0.0:80 nginx user=www-data\n')
    expect(text).toContain('\ntcp [::]:22 sshd user=root\n')
    expect(text).toContain('\ntcp 127.0.0.1:5432 user=70  # (owner hidden: uid 70)\n')
    expect(check(text, records, owners).map(([, , ok]) => ok)).toEqual([true, true, true, true])
    expect(text.split('\n').length).toBe(7)
  })
})
