import { describe, expect, it } from 'vitest'
import { formatPorts, looksLikePorts, parsePorts } from '../../../src/inspect/select/ports.ts'

const services = (name: string): number | undefined => ({ https: 443, http: 80 })[name]

describe('parsePorts', () => {
  it.each([
    ['8080', [[8080, 8080]]],
    [':8080', [[8080, 8080]]],
    ['3000-3010', [[3000, 3010]]],
    [':3000-:3010', [[3000, 3010]]],
    [
      '80,443',
      [
        [80, 80],
        [443, 443],
      ],
    ],
    [
      '80, 8000-8099',
      [
        [80, 80],
        [8000, 8099],
      ],
    ],
    ['https', [[443, 443]]],
    ['http-https', [[80, 443]]],
    ['65535', [[65_535, 65_535]]],
  ])('reads %s', (text, expected) => {
    expect(parsePorts(text, services).map(({ first, last }) => [first, last])).toEqual(expected)
  })

  it.each([
    ['', 'a port is missing in ""'],
    ['80,', 'a port is missing in "80,"'],
    ['80-', '"80-" is not a port'],
    ['-80', '"-80" is not a port'],
    ['nginx', '"nginx" is not a port'],
    ['80a', '"80a" is not a port'],
    ['1-2-3', '"1-2-3" is not a port'],
    ['65536', 'port 65536 is too large (65535 at most)'],
    ['0', 'no socket has port 0: it stands for "any free port"'],
    ['90-80', 'ports 90-80 run backwards'],
    ['99999999999999999999', '"99999999999999999999" is not a port'],
  ])('refuses "%s"', (text, message) => {
    expect(() => parsePorts(text, services)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', message }),
    )
  })

  it('takes no names where nobody knows them', () => {
    expect(() => parsePorts('https')).toThrow('"https" is not a port')
  })
})

describe('looksLikePorts', () => {
  it.each([
    ['8080', true],
    [':8080', true],
    ['80,443', true],
    ['3000-3010', true],
    ['nginx', false],
    ['127.0.0.1:80', false],
    ['7zip', false],
    [':', false],
    ['', false],
  ])('%s: %s', (word, expected) => {
    expect(looksLikePorts(word)).toBe(expected)
  })
})

describe('formatPorts', () => {
  it.each([
    ['80', '80'],
    ['80,443', '80 or 443'],
    ['80,443,3000-3010', '80, 443 or 3000-3010'],
  ])('writes %s as %s', (text, expected) => {
    expect(formatPorts(parsePorts(text))).toBe(expected)
  })
})
