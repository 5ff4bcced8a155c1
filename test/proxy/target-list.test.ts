import { describe, expect, it } from 'vitest'
import { parseTargetRule, TargetList } from '../../src/proxy/target-list.ts'

function at(text: string) {
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? []
  return { host, port: Number(port) }
}

describe('TargetList', () => {
  it.each([
    [
      'db.example:5432',
      ['db.example:5432', 'DB.example.:5432'],
      ['db.example:5433', 'x.db.example:5432'],
    ],
    ['db.example', ['db.example:1'], ['db.example.org:1']],
    ['*.example.com:443', ['a.b.example.com:443'], ['example.com:443', 'a.example.com:80']],
    [':443', ['anything:443', '10.0.0.1:443'], ['anything:80']],
  ])('%s is a matter of names', (rule, yes, no) => {
    const list = new TargetList([rule])
    expect(yes.filter(text => !list.names(at(text)))).toEqual([])
    expect(no.filter(text => list.names(at(text)))).toEqual([])
    expect(list.reaches(at('10.0.0.1:443'))).toBe(false)
  })

  it.each([
    ['10.0.0.0/8', ['10.1.2.3:1'], ['11.0.0.1:1']],
    ['10.0.0.0/8:22', ['10.1.2.3:22'], ['10.1.2.3:23']],
    ['10.0.0.1', ['10.0.0.1:9', '::ffff:10.0.0.1:9'], ['10.0.0.2:9']],
    ['10.0.0.1:80', ['10.0.0.1:80'], ['10.0.0.1:81']],
    ['::1', ['[::1]:5'], ['[::2]:5']],
    ['[::1]:80', ['[::1]:80'], ['[::1]:81']],
    ['fd00::/8', ['[fd12::3]:5'], ['[fe80::1]:5', '10.0.0.1:5']],
    ['[fd00::]/8:80', ['[fd12::3]:80'], ['[fd12::3]:81']],
  ])('%s is a matter of addresses', (rule, yes, no) => {
    const list = new TargetList([rule])
    expect(yes.filter(text => !list.reaches(at(text)))).toEqual([])
    expect(no.filter(text => list.reaches(at(text)))).toEqual([])
    expect(list.names(at('db.example:80'))).toBe(false)
  })

  it.each(['', ':', ':x', ':70000', 'host/8', '10.0.0.0/33', '[host]:80', 'a b:80'])(
    'refuses %j',
    text => {
      expect(() => parseTargetRule(text)).toThrow('not a host, port or network')
    },
  )
})
