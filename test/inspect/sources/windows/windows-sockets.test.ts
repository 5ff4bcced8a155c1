import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../../../src/errors.ts'
import { ALL_STATES } from '../../../../src/inspect/select/states.ts'
import type { RunCommand } from '../../../../src/inspect/sources/run-command.ts'
import {
  listByNetstat,
  systemFolder,
} from '../../../../src/inspect/sources/windows/windows-sockets.ts'
import type { Protocol, Wanted } from '../../../../src/inspect/types.ts'

const wanted = (...protocols: Protocol[]): Wanted => ({
  protocols: new Set(protocols),
  families: new Set(['ipv4', 'ipv6', 'unix']),
  states: new Set(ALL_STATES),
})

const NETSTAT =
  '  TCP    0.0.0.0:135    0.0.0.0:0     LISTENING  1052\r\n' +
  '  TCP    10.0.0.5:5000  10.0.0.1:443  TIME_WAIT  0\r\n'

/** Programs of the system that answer with recorded text; one without text is not there. */
function recorded(texts: { netstat?: string; tasklist?: string }): RunCommand {
  return async (file, args) => {
    const line = [file, ...args].join(' ')
    const texted = {
      [`${systemFolder()}\\netstat.exe -ano`]: texts.netstat,
      [`${systemFolder()}\\tasklist.exe /fo csv /nh`]: texts.tasklist,
    }[line]
    if (texted === undefined) throw new SockctlError('ERR_UNSUPPORTED', `there is no ${file}`)
    return texted
  }
}

describe('listByNetstat', () => {
  it('names the processes, of those that have one', async () => {
    const run = recorded({ netstat: NETSTAT, tasklist: '"svchost.exe","1052","Services","0"\r\n' })
    const { records, warnings } = await listByNetstat(wanted('tcp'), run)
    expect(records).toMatchObject([
      { state: 'listen', owners: [{ pid: 1052, fd: undefined, name: 'svchost.exe' }] },
      { state: 'time-wait', owners: [] },
    ])
    expect(warnings.map(({ code }) => code)).toEqual(['source-limited'])
  })

  it('says when it has no names, and how many lines it did not understand', async () => {
    const netstat = `${NETSTAT}  TCP    10.0.0.5:5000  10.0.0.1:443  ??  17\r\n`
    const { records, warnings } = await listByNetstat(wanted('tcp'), recorded({ netstat }))
    expect(records).toMatchObject([{ owners: [{ name: '?' }] }, {}])
    expect(warnings.slice(1)).toEqual([
      {
        code: 'source-limited',
        message: expect.stringMatching(/names of processes are left out$/),
      },
      {
        code: 'incomplete',
        message: expect.stringMatching(/^a line of netstat was not understood/),
      },
    ])
  })

  it('takes no answer for no sockets', async () => {
    await expect(listByNetstat(wanted('udp'), recorded({}))).rejects.toThrow('there is no')
    await expect(listByNetstat(wanted('udp'), recorded({ netstat: '?' }))).rejects.toMatchObject({
      code: 'ERR_SYSTEM',
    })
    await expect(listByNetstat(wanted('unix'), recorded({}))).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: 'Windows has no list of unix sockets',
    })
  })
})
