import { describe, expect, it } from 'vitest'
import { AllowList, parseNetwork } from '../../src/access/allow-list.ts'

describe('AllowList', () => {
  it('lets everybody in who is not denied when nothing is allowed by name', () => {
    const list = new AllowList({ allow: [], deny: ['10.0.0.0/8'] })
    expect(list.check('192.0.2.1')).toBe(true)
    expect(list.check('10.1.2.3')).toBe(false)
  })

  it('keeps everybody else out when somebody is allowed', () => {
    const list = new AllowList({ allow: ['127.0.0.0/8', '::1'], deny: [] })
    expect(list.check('127.9.9.9')).toBe(true)
    expect(list.check('::1')).toBe(true)
    expect(list.check('::2')).toBe(false)
    expect(list.check('192.0.2.1')).toBe(false)
  })

  it('lets a denial win over a permission', () => {
    const list = new AllowList({ allow: ['10.0.0.0/8'], deny: ['10.0.0.7'] })
    expect(list.check('10.0.0.6')).toBe(true)
    expect(list.check('10.0.0.7')).toBe(false)
  })

  it('judges a v4-mapped peer, and a v4-mapped rule, as IPv4', () => {
    expect(new AllowList({ allow: ['10.0.0.0/8'], deny: [] }).check('::ffff:10.0.0.1')).toBe(true)
    const mapped = new AllowList({ allow: ['::ffff:10.0.0.0/104'], deny: [] })
    expect(mapped.check('10.200.0.1')).toBe(true)
    expect(mapped.check('11.0.0.1')).toBe(false)
  })

  it('does not let a v4-mapped spelling past a denial', () => {
    expect(new AllowList({ allow: [], deny: ['127.0.0.1'] }).check('::FFFF:127.0.0.1')).toBe(false)
  })

  it('ignores the zone of a link-local peer', () => {
    expect(new AllowList({ allow: ['fe80::/10'], deny: [] }).check('fe80::1%eth0')).toBe(true)
  })

  it('keeps a peer out whose address nobody knows, once somebody is allowed', () => {
    expect(new AllowList({ allow: ['0.0.0.0/0'], deny: [] }).check('?')).toBe(false)
  })
})

describe('parseNetwork', () => {
  it.each([
    '',
    'localhost',
    '10.0.0',
    '10.0.0.0/33',
    '::1/129',
    '10.0.0.0/',
    '10.0.0.0/x',
    '1.2.3.4/8/8',
    '::ffff:1.2.3.4/8',
  ])('refuses "%s"', text => {
    expect(() => parseNetwork(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
  })
})
