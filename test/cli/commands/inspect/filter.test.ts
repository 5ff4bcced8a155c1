import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mixedNote, readFilter } from '../../../../src/cli/commands/inspect/filter.ts'
import type { InspectFlags } from '../../../../src/cli/commands/inspect/question.ts'
import { inspectCommand } from '../../../../src/cli/commands/inspect.ts'
import { parseOptions } from '../../../../src/cli/option-parser.ts'
import { type Bundle, bundle } from '../../../support/bundle.ts'
import { fixedPorts } from '../../../support/fixed-ports.ts'
import { hasPeer } from '../../../support/peers.ts'
import {
  hasSocketsInStates,
  type SocketsInStates,
  socketsInStates,
} from '../../../support/sockets-in-states.ts'

/** Expressions that ss 6.1 reads: it and we have to select the same sockets. */
const AS_IN_SS: readonly string[] = [
  // States stand before the expression.
  '-ta state established',
  '-t state syn-sent',
  '-t state syn-recv',
  '-t state syn-rcv',
  '-t state fin-wait-1 state fin-wait-2',
  '-t state connected exclude established',
  '-t exclude time-wait',
  '-t excl established',
  '-t state all exclude all state last-ack',
  '-tu state synchronized',
  '-tu state bucket',
  '-tu state big',
  '-tul state unconnected',
  '-tu state CLOSED',
  '-t -l exclude time-wait',
  '-t state closing sport gt :1',
  '-t state close-wait ( sport > :1024 )',
  // Without them the options say which.
  '-t sport = :22',
  '-ta sport = :22',
  '-tl sport = :22',
  '-ua sport = :53',
  '-tua sport 53 or dport 53',
  // Ports.
  '-ta sport = 80',
  '-ta sport :80',
  '-ta sport == :0x50',
  '-ta sport eq 0120',
  '-ta dport = :ssh',
  '-ta sport = :http',
  '-ta sport != :22',
  '-ta sport ne :22',
  '-ta sport neq :22',
  '-ta sport >= :1023',
  '-ta sport geq :1023',
  '-ta sport ge :3000 and sport le :3001',
  '-ta dport < :80',
  '-ta dport lt :443',
  '-ta dport leq :443',
  '-ta dport > :443',
  '-ta dport gt :65534',
  '-ta sport = *',
  '-ta dport = :*',
  '-ta sport >= *',
  '-ta sport < *',
  '-ta dport = :0',
  '-ta sport = inet:22',
  '-ta sport = inet6::22',
  '-ta sport = inet::80 or sport = :443',
  // Addresses.
  '-ta src 127.0.0.1',
  '-ta src = 127.0.0.2:22',
  '-ta dst 127.0.0.2',
  '-ta dst == 127/8',
  '-ta src 127/8',
  '-ta src 127.1/16',
  '-ta src 127.0.0.0/255.0.0.0',
  '-ta src 127.1.2.0/24:3000',
  '-ta src 0x7f.0.0.1',
  '-ta src 0177.0.0.1',
  '-ta src 127',
  '-ta src 0.0.0.0',
  '-ta src [::]',
  '-ta dst [::1]',
  '-ta dst [::1]:22',
  '-ta src [::1/128]:22',
  '-ta src ::1/128',
  '-ta src ::1:22',
  '-ta src ::/64',
  '-ta src [::ffff:127.0.0.1]',
  '-ta src [::ffff:0:0/96]',
  '-ta dst inet6:[::1]',
  '-ta dst inet:127.0.0.1',
  '-ta dst default',
  '-ta dst any',
  '-ta src all:80',
  '-ta src *:22',
  '-ta src :22',
  '-ta dst *',
  '-ta src 127.0.0.1:http',
  '-ta not dst 127.0.0.1',
  '-ta not src 127.0.0.1:3001',
  '-4ta sport = :443',
  '-6ta sport = :443',
  '-46ta sport = :22',
  // How they are joined.
  '-ta ! ! sport = :22',
  '-ta not not sport = :22',
  '-ta ! sport = :22',
  '-ta sport = :22 sport = :22',
  '-ta sport = :22 src 127/8',
  '-ta sport = :22 & src 127/8',
  '-ta sport = :22 && src [::1]',
  '-ta sport = :22 | sport = :80',
  '-ta sport = :22 || sport = :80',
  '-ta sport = :80 or sport = :1 and dport = :9',
  '-ta sport = :1 and dport = :9 or sport = :80',
  '-ta sport = :80 or sport = :22 dport = :1023',
  '-ta sport = :80 or ( sport = :22 and dport = :1023 )',
  '-ta not sport = :22 or sport = :22',
  '-ta not ( sport = :22 or dport = :22 ) and src 127/8',
  '-ta ( ( ( sport = :22 ) ) )',
  // Interfaces, and what the system has chosen.
  '-ta dev = lo',
  '-ta dev lo',
  '-ta dev == 1',
  '-ta dev != lo',
  '-ta dev ne 7',
  '-tl autobound',
  // Unix sockets.
  '-xa src unix:*',
  '-xa src unix:*/DOOR',
  '-xa src unix:*/d*',
  '-xa src unix:*/[a-d]oor',
  '-xa src unix:*/[!a-c]*',
  '-xa src unix:@abstract',
  '-xa src @a*',
  '-xa src = unix:@?bstract',
  '-xl src unix:*/\\ two\\ \\ words\\ ',
  '-xa not src unix:*',
  '-xa autobound',
  '-x state listening src *',
  '-xa state unconnected',
  '-ta src unix:*',
]

/** What ss refuses, with one that it does not and that selects the same. */
const BEYOND_SS: readonly (readonly [ours: string, theirs: string])[] = [
  ['-t state estab', '-t state established'],
  ['-t state listen', '-t state listening'],
  ['-t state FIN_WAIT1', '-t state fin-wait-1'],
  ['-tu state unconn', '-tu state unconnected'],
  ['-t state close-wait,last-ack', '-t state close-wait state last-ack'],
  ['-t state = listen', '-t state listening'],
  ['-t state = listen and sport = :22', '-t state listening sport = :22'],
  ['-t state != listen', '-t exclude listening'],
  ['-t not state listen', '-t exclude listening'],
  ['-t sport = :22 state listen', '-t state listening sport = :22'],
  ['-t state listen or sport = :22', '-ta sport = :22 or dport = :0'],
  ['-ta sport = :22,80', '-ta sport = :22 or sport = :80'],
  ['-ta sport = :3000-3001', '-ta sport >= :3000 and sport <= :3001'],
  ['-ta sport!=22-80', '-ta sport < :22 or sport > :80'],
  ['-ta SPORT = :22 OR Dport EQ 22', '-ta sport = :22 or dport = :22'],
  ['-ta sport=:22', '-ta sport = :22'],
  ['-ta sport>=:3000', '-ta sport >= :3000'],
  ['-ta (sport=:22)', '-ta sport = :22'],
  ['-ta (sport=:22&&src=127/8)||dport=80', '-ta ( sport = :22 and src 127/8 ) or dport = :80'],
  ['-ta !(sport=22)', '-ta not sport = :22'],
  ['-ta src != 127.0.0.1', '-ta not src 127.0.0.1'],
  ['-ta dst!=127/8', '-ta not dst 127/8'],
  ['-ta src 127.0.0.2,127.0.0.3', '-ta src 127.0.0.2 or src 127.0.0.3'],
  ['-ta src ::1', '-ta src [::1]'],
  ['-ta 22', '-ta sport = :22 or dport = :22'],
  ['-ta port = 22', '-ta sport = :22 or dport = :22'],
  [
    '-ta 80 3000-3001 and src 127/8',
    '-ta ( sport = :80 or dport = :80 or ( sport >= :3000 and sport <= :3001 ) or ( dport >= :3000 and dport <= :3001 ) ) and src 127/8',
  ],
]

describe.skipIf(!hasSocketsInStates || !hasPeer('ss'))('the filter language', () => {
  let made: SocketsInStates
  let fixed: { close(): Promise<void> }
  let script: Bundle
  let ours: ReadonlyMap<string, readonly string[]>

  beforeAll(async () => {
    made = await socketsInStates()
    fixed = await fixedPorts(made.inside)
    script = await bundle('test/support/print-selections.ts', { hasPackages: true })
    const lines = [...AS_IN_SS, ...BEYOND_SS.map(([line]) => line)]
    const selections = selectAll(lines)
    ours = new Map(lines.map((line, i) => [line, [...(selections[i] ?? [])].sort()]))
  }, 30_000)

  afterAll(async () => {
    script?.remove()
    await fixed?.close()
    await made?.close()
  })

  function selectAll(lines: readonly string[]): string[][] {
    const [file = '', ...args] = [...made.inside, process.execPath, script.path]
    const input = JSON.stringify(lines.map(line => parseOptions(inspectCommand, wordsOf(line))))
    return JSON.parse(execFileSync(file, args, { input, encoding: 'utf8' }))
  }

  /** What ss selects, sorted; what it says when it refuses. */
  function ss(line: string): string[] | string {
    const [file = '', ...args] = [...made.inside, 'ss', '-enHO', ...wordsOf(line)]
    const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' })
    if (status !== 0) return stderr
    const unix = [...stdout.matchAll(SS_UNIX)].map(([, inode]) => `u${inode}`)
    const inet = [...stdout.matchAll(/ sk:([\da-f]+)/g)].map(([, cookie = '']) => cookie)
    return (unix.length > 0 ? unix : inet).sort()
  }

  it('is tried on sockets that differ', () => {
    const sizes = new Set(AS_IN_SS.map(line => ours.get(line)?.length))
    expect(sizes.size).toBeGreaterThan(20)
    expect(new Set(AS_IN_SS).size).toBeGreaterThanOrEqual(100)
  })

  it.each(AS_IN_SS)('selects what ss selects: %s', line => {
    expect(ours.get(line)).toEqual(ss(line))
  })

  it.each(BEYOND_SS)('selects by %s what ss selects by %s', (line, theirs) => {
    expect(ss(line)).toBeTypeOf('string')
    expect(ours.get(line)).toEqual(ss(theirs))
    expect(ours.get(line)).not.toEqual([])
  })
})

describe('readFilter', () => {
  const read = (words: string[], flags: Partial<InspectFlags> = {}, stdin = '') => {
    const stream = new PassThrough()
    stream.end(stdin)
    return readFilter(words, flags as InspectFlags, { stdin: stream })
  }

  it.each([[[]], [['8080']], [['80', ':443', '3000-3010']]])(
    'takes %j for no filter',
    async words => {
      expect(await read(words)).toBeUndefined()
    },
  )

  it('reads words as one expression, however they are quoted', async () => {
    const apart = await read(['sport', '=', ':80', 'or', 'dport', '=', ':80'])
    expect(apart).toEqual(await read(['sport = :80 or dport = :80']))
    expect(apart?.expression).toMatchObject({
      kind: 'or',
      parts: [{ end: 'local' }, { end: 'remote' }],
    })
  })

  it('reads a file behind the words, without its comments', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sockctl-filter-'))
    try {
      const file = join(folder, 'filter')
      writeFileSync(file, '# web\n( sport = :80 or\n0 not this one\nsport = :443 )\n')
      const expected = await read(['state', 'listen', '( sport = :80 or sport = :443 )'])
      expect(await read(['state', 'listen'], { filterFile: file })).toEqual(expected)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('reads stdin for -', async () => {
    const typed = await read([], { filterFile: '-' }, 'sport = :80\n')
    expect(typed).toEqual(await read(['sport', '=', ':80']))
  })

  it('says which file is missing', async () => {
    await expect(read([], { filterFile: '/nonexistent' })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: expect.stringContaining('cannot read the filter file /nonexistent'),
    })
  })

  it('takes the last of -4, -6 and -x for the family of what names none', async () => {
    const flags = { ipv4: true, unix: true } as const
    expect((await read(['src', '*/door'], flags))?.expression).toMatchObject({ kind: 'path' })
    expect((await read(['sport', '=', '80'], { ipv6: true }))?.family).toBe('ipv6')
  })
})

describe('mixedNote', () => {
  const note = async (text: string) => {
    const filter = await readFilter([text], {} as InspectFlags, { stdin: new PassThrough() })
    return filter && mixedNote(filter)
  }

  it('writes out the brackets where others would read otherwise', async () => {
    expect(await note('sport = :1 or sport = :2 and dport = :3')).toBe(
      '"and" and "or" are read from left to right, as in ss: (sport = :1 or sport = :2) and dport = :3',
    )
    expect(await note('sport = :1 or sport = :2 dport = :3')).toBeDefined()
  })

  it.each([
    'sport = :1 or sport = :2 or sport = :3',
    'sport = :1 and sport = :2 or sport = :3',
    'sport = :1 or (sport = :2 and dport = :3)',
  ])('is silent about %s', async text => {
    expect(await note(text)).toBeUndefined()
  })
})

/** A path may go on in the next line; there is no state where one was asked for. */
const SS_UNIX = /^u_\w+\s+(?:[A-Z-]+\s+)?\d+\s+\d+\s+.*?\s(\d+)\s+\*\s+\d+/gms

/** At single blanks; a blank behind a backslash stays where it is. */
function wordsOf(line: string): string[] {
  return line.split(/(?<!\\) /)
}
