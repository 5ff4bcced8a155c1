import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEndpoint } from '../../src/endpoint/format.ts'
import { parsePortList, parsePortTargets } from '../../src/endpoint/port-list.ts'

describe('parsePortList', () => {
  it.each([
    ['80', [80]],
    ['http', [80]],
    ['20-22', [20, 21, 22]],
    ['20-22,80,https,21', [20, 21, 22, 80, 443]],
    ['443,80', [443, 80]],
    ['65535-65535', [65_535]],
  ])('reads %s', (text, ports) => expect(parsePortList(text)).toEqual(ports))

  it.each([
    ['', 'the port is missing'],
    ['80,', 'the port is missing'],
    ['22-20', '22-20 runs backwards'],
    ['20-', 'the port is missing'],
    ['0', 'they go from 1 to 65535'],
    ['0-3', 'they go from 1 to 65535'],
    ['65535-65536', 'port 65536 is too large'],
    ['nosuch', '"nosuch" is not a port'],
    ['-5', '"-5" is not a port'],
  ])('does not read "%s"', (text, why) => expect(() => parsePortList(text)).toThrow(why))

  it('reads every range as its ports', () => {
    const port = fc.integer({ min: 1, max: 65_535 })
    fc.assert(
      fc.property(port, fc.integer({ min: 0, max: 50 }), (first, more) => {
        const last = Math.min(65_535, first + more)
        const ports = parsePortList(`${first}-${last}`)
        expect(ports[0]).toBe(first)
        expect(ports.at(-1)).toBe(last)
        expect(ports.length).toBe(last - first + 1)
      }),
    )
  })
})

describe('parsePortTargets', () => {
  it.each([
    [['host', '80'], ['tcp://host:80']],
    [
      ['host', '20-21,80', 'https'],
      ['host:20', 'host:21', 'host:80', 'host:443'],
    ],
    [['::1', '80'], ['tcp://[::1]:80']],
    [['[::1]', '80'], ['tcp://[::1]:80']],
    [['host:80-81'], ['host:80', 'host:81']],
    [['tcp://host:80'], ['host:80']],
    [['[::1]:80,81'], ['[::1]:80', '[::1]:81']],
    [[':80'], [':80']],
    [
      ['80', '443'],
      [':80', ':443'],
    ],
    [
      ['a:80', 'b:443'],
      ['a:80', 'b:443'],
    ],
    [['unix:/tmp/s'], ['unix:/tmp/s']],
    [['udp://h:5'], ['udp://h:5']],
  ])('reads %j', (words, targets) => {
    const full = targets.map(one => (/^\w+:\/|^unix:/.test(one) ? one : `tcp://${one}`))
    expect(parsePortTargets(words).map(formatEndpoint)).toEqual(full)
  })

  it.each([
    [['::1'], 'the port is missing'],
    [['host'], '"host" is not a port'],
    [['host', 'nosuch'], '"nosuch" is not a port'],
    [['a b:80/x'], 'a path cannot follow the port'],
  ])('does not read %j', (words, why) => expect(() => parsePortTargets(words)).toThrow(why))
})
