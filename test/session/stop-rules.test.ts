import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExpectation, ReplyWatch, type StopRules } from '../../src/session/stop-rules.ts'

/** Feeds chunks until the rule is met: what was kept, and what was left over. */
function feed(rules: StopRules, ...chunks: readonly (string | Buffer)[]) {
  const watch = new ReplyWatch(rules)
  let kept = ''
  for (const [index, chunk] of chunks.entries()) {
    const taken = watch.take(Buffer.from(chunk))
    kept += taken.kept.toString('latin1')
    const { ended } = taken
    if (ended !== undefined) return { kept, chunks: index + 1, watch, ended }
  }
  return { kept, chunks: undefined, watch, ended: undefined }
}

const expecting = (text: string): StopRules => ({ expect: parseExpectation(text) })

describe('parseExpectation', () => {
  it.each([
    ['+PONG', '+PONG\r\n'],
    ['*3', '*3\r\n'],
    ['^220 ', 'noise\r\n220 ready'],
    ['ready$', '220 ready\r\n'],
    ['\\xff\\x00', Buffer.from([0xff, 0x00])],
    ['grün|rot', 'es ist grün'],
    ['[äö]$', 'sö'],
  ])('finds %s', (pattern, reply) => {
    expect(feed(expecting(pattern), reply).chunks).toBe(1)
  })

  it.each([
    ['^PONG', '+PONG'],
    ['+OK', 'OK'],
    ['[äö]$', 'su'],
  ])('does not find %s in %s', (pattern, reply) => {
    expect(feed(expecting(pattern), reply).chunks).toBeUndefined()
  })

  it('says what is wrong with a pattern', () => {
    expect(() => parseExpectation('(')).toThrow(
      'not a regular expression: "(" (unterminated group)',
    )
  })
})

describe('ReplyWatch', () => {
  it('finds what lies across chunks', () => {
    expect(feed(expecting('PONG'), '+P', 'O', 'NG\r\n').chunks).toBe(3)
    expect(feed(expecting('ü'), Buffer.from([0xc3]), Buffer.from([0xbc])).chunks).toBe(2)
  })

  it('forgets what is long gone, but not where lines begin', () => {
    const long = 'x'.repeat(70_000)
    expect(feed(expecting('a.*b'), 'a', long, 'b').chunks).toBeUndefined()
    expect(feed(expecting('^x'), `y${long}`, long, 'x').chunks).toBeUndefined()
    expect(feed(expecting('^end'), long, '\n', 'end').chunks).toBe(3)
  })

  it('keeps exactly so many bytes', () => {
    expect(feed({ bytes: 5 }, 'abc', 'defg')).toMatchObject({ kept: 'abcde', chunks: 2 })
    expect(feed({ bytes: 3 }, 'abc')).toMatchObject({ kept: 'abc', chunks: 1 })
    expect(feed({ bytes: 4 }, 'abc').chunks).toBeUndefined()
  })

  it('keeps exactly so many lines', () => {
    expect(feed({ lines: 2 }, 'one\ntw', 'o\nthree\n')).toMatchObject({
      kept: 'one\ntwo\n',
      chunks: 2,
    })
    expect(feed({ lines: 1 }, '\n')).toMatchObject({ kept: '\n', chunks: 1 })
  })

  it('tells lines that came whole from one that did not', () => {
    const { watch } = feed({ lines: 3 }, 'one\ntwo')
    expect([watch.wholeLines, watch.isInLine]).toEqual([1, true])
    const { watch: whole } = feed({ lines: 3 }, 'one\n')
    expect([whole.wholeLines, whole.isInLine]).toEqual([1, false])
    const { watch: nothing } = feed({ lines: 3 })
    expect([nothing.wholeLines, nothing.isInLine]).toEqual([0, false])
  })

  it('stops at whichever rule holds first', () => {
    expect(feed({ lines: 5, bytes: 3 }, 'a\nb\nc\n').kept).toBe('a\nb')
    expect(feed({ lines: 1, bytes: 30 }, 'a\nb\nc\n').kept).toBe('a\n')
    expect(feed({ ...expecting('b'), lines: 1 }, 'a\nb\n').watch.matched).toBe(false)
  })

  it('goes on after a match when only the end ends it', () => {
    const { chunks, watch } = feed({ ...expecting('a'), untilClose: true }, 'a', 'b')
    expect(chunks).toBeUndefined()
    expect(watch.matched).toBe(true)
  })

  it('gives up when looking takes too long, before anything else is met', () => {
    const text = `${'a'.repeat(60)}\n`
    const watch = new ReplyWatch({ ...expecting('(a+)+b'), lines: 1 })
    expect(watch.take(Buffer.from(text), 50)).toMatchObject({ ended: 'runaway' })
    expect(watch.matched).toBe(false)
  })

  it('does not depend on how the bytes are cut into chunks', () => {
    const rules: readonly StopRules[] = [{ bytes: 7 }, { lines: 2 }, expecting('b+\\na')]
    fc.assert(
      fc.property(
        fc.constantFrom(...rules),
        fc.array(fc.constantFrom('a', 'b', '\n'), { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 40 }),
        (rule, letters, cuts) => {
          const whole = letters.join('')
          const chunks: string[] = []
          let at = 0
          for (const cut of [...cuts, whole.length]) {
            chunks.push(whole.slice(at, at + cut))
            at += cut
          }
          const once = feed(rule, whole)
          const pieces = feed(rule, ...chunks.filter(chunk => chunk !== ''))
          expect(pieces.chunks === undefined).toBe(once.chunks === undefined)
          if (rule.expect === undefined) expect(pieces.kept).toBe(once.kept)
        },
      ),
    )
  })
})
