import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { junitView } from '../../../src/inspect/views/junit.ts'
import { checkResults, HOSTILE } from '../../support/check-results.ts'
import { hasPeer } from '../../support/peers.ts'

const TAKEN = { takenAt: new Date('2026-01-02T03:04:05.678Z'), host: 'box' }

/** Parses strictly, with expat, and gives back what a report of tests is made from. */
const PARSE = `
import json, sys
from xml.etree import ElementTree
root = ElementTree.fromstring(sys.stdin.buffer.read())
suite = root.find('testsuite')
cases = [[c.get('classname'), c.get('name'), [[k.tag, k.get('message'), k.text] for k in c]] for c in suite]
print(json.dumps([root.tag, dict(suite.attrib), cases]))
`

function parse(xml: string): unknown {
  return JSON.parse(
    execFileSync('python3', ['-c', PARSE], { input: Buffer.from(xml), encoding: 'utf8' }),
  )
}

describe.skipIf(!hasPeer('python3'))('junitView', () => {
  it('writes XML that a strict parser reads back, hostile text and all', () => {
    const xml = [...junitView(checkResults(), TAKEN)].join('')
    const results = checkResults()
    const counts = { tests: '4', failures: '2', errors: '1', skipped: '0' }
    expect(parse(xml)).toEqual([
      'testsuites',
      {
        name: 'sockctl inspect',
        ...counts,
        time: '0',
        timestamp: '2026-01-02T03:04:05',
        hostname: 'box',
      },
      results.map(({ name, subject, message, details, ok, unseen }) => {
        const text = [message, ...details].map(line => `${line}\n`).join('')
        const element = unseen === undefined ? 'failure' : 'error'
        const child = ok ? ['system-out', null, text] : [element, message, text]
        return [`sockctl.${name}`, subject, [child]]
      }),
    ])
  })

  it('skips what could not be told, where that is asked for', () => {
    const xml = [...junitView(checkResults(), TAKEN, { unseen: 'skipped' })].join('')
    const [, suite, cases] = parse(xml) as [string, object, [string, string, [string][]][]]
    expect(suite).toMatchObject({ tests: '4', failures: '2', errors: '0', skipped: '1' })
    expect(cases.at(-1)?.[2][0]?.[0]).toBe('skipped')
  })

  it('writes what XML cannot hold at all as an escape', () => {
    const [result] = checkResults()
    if (result === undefined) throw new Error('no result')
    const xml = [...junitView([{ ...result, subject: `${HOSTILE}\ufffe` }], TAKEN)].join('')
    expect(xml).toContain('\\u{fffe}')
    const [, , cases] = parse(xml) as [string, object, [string, string][]]
    expect(cases[0]?.[1]).toContain('x\r\n::error::]]>\\u{0}"><!--&amp;')
  })

  it('writes an empty suite where nothing was checked', () => {
    expect(parse([...junitView([], TAKEN)].join(''))).toMatchObject([
      'testsuites',
      { tests: '0' },
      [],
    ])
  })
})
