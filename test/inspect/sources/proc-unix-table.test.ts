import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import { parseUnixTable } from '../../../src/inspect/sources/proc-unix-table.ts'

const HEADING = 'Num       RefCount Protocol Flags    Type St Inode Path\n'
const every = new Set(ALL_STATES)

function entry(
  { flags = '00000000', type = '0001', state = '03', inode = '  1126' },
  path?: string,
): string {
  const name = path === undefined ? '' : ` ${path}`
  return `000000007f0d6393: 00000003 00000000 ${flags} ${type} ${state} ${inode}${name}\n`
}

function pathsOf(text: string): string[] {
  return parseUnixTable(text, every).map(({ local }) => (local.family === 'unix' ? local.path : ''))
}

describe('parseUnixTable', () => {
  it('reads a socket, of which little is told', () => {
    expect(parseUnixTable(HEADING + entry({}, '/run/s'), every)).toEqual([
      {
        protocol: 'unix',
        family: 'unix',
        state: 'established',
        local: { family: 'unix', path: '/run/s' },
        remote: undefined,
        receiveQueue: undefined,
        sendQueue: undefined,
        inode: 1126,
        uid: undefined,
        timer: undefined,
        cookie: undefined,
        interfaceIndex: undefined,
        unix: { type: 'stream', peerInode: undefined },
      },
    ])
  })

  it.each([
    [{ flags: '00010000', state: '01' }, 'listen'],
    [{ state: '01', type: '0002' }, 'unconnected'],
    [{ state: '03', type: '0005' }, 'established'],
    // Not accepted yet: it has no file.
    [{ state: '02', inode: '     0' }, 'established'],
    [{ state: '04', inode: '     0' }, 'unconnected'],
  ])('tells the state of %j: %s', (columns, state) => {
    expect(parseUnixTable(entry(columns), every)).toMatchObject([{ state }])
  })

  it('takes only the states that are wanted', () => {
    const text = entry({ state: '01' }) + entry({ flags: '00010000', state: '01' })
    expect(parseUnixTable(text, new Set(['listen']))).toHaveLength(1)
  })

  it('leaves paths as they are', () => {
    const paths = ['/a b', ' /blank before', '/blank after ', '/a\nb', '/ends\n', '\n', '@a@b', '']
    expect(pathsOf(HEADING + paths.map(path => entry({}, path)).join(''))).toEqual(paths)
    expect(pathsOf(HEADING + entry({}))).toEqual([''])
  })

  it('takes what only looks like an entry for part of a path', () => {
    const path = '/x\n000000007f0d6393: 00000003 00000000 00010000 0001 01\nnot an inode'
    expect(pathsOf(entry({}, path) + entry({}, '/y'))).toEqual([path, '/y'])
  })

  it('reads back the path of any socket but those that forge an entry', () => {
    const path = fc.string({ unit: 'binary', maxLength: 107 }).filter(text => !/[\0:]/.test(text))
    fc.assert(
      fc.property(fc.array(path), paths => {
        expect(pathsOf(HEADING + paths.map(one => entry({}, one)).join(''))).toEqual(paths)
      }),
    )
  })

  it('reads any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), text => {
        expect(Array.isArray(parseUnixTable(text + entry({}) + text, every))).toBe(true)
      }),
    )
  })
})
