import { describe, expect, it } from 'vitest'
import {
  ephemeralExhausted,
  listenerInEphemeralRange,
  usedPorts,
} from '../../../src/inspect/rules/ephemeral-ports.ts'
import type { SocketState } from '../../../src/inspect/types.ts'
import { address, connection, record } from '../../support/records.ts'
import { NODE, situation, times } from '../../support/situation.ts'

const settings = { 'net/ipv4/ip_local_port_range': '40000 40099' }

function outgoing(count: number, state: SocketState = 'time-wait', target = '10.0.0.9:5432') {
  return times(count, i =>
    connection(`10.0.0.1:${40_000 + i}`, target, {
      state,
      inode: state === 'time-wait' ? 0 : 100 + i,
    }),
  )
}

describe('usedPorts', () => {
  it('counts by target and source, less the reserved ports', () => {
    const reserved = { ...settings, 'net/ipv4/ip_local_reserved_ports': '40090-40109,50000' }
    const records = [...outgoing(20), ...outgoing(15, 'established', '10.0.0.8:80')]
    const uses = usedPorts(situation({ records, settings: reserved }))
    expect(uses.map(({ target, used, usable }) => ({ target, used, usable }))).toEqual([
      { target: '10.0.0.8:80 from 10.0.0.1', used: 15, usable: 90 },
      { target: '10.0.0.9:5432 from 10.0.0.1', used: 20, usable: 90 },
    ])
  })

  it('leaves out what came in at a listener in the range, and other ranges', () => {
    const listener = record({ local: address('10.0.0.1:40000'), inode: 1 })
    const accepted = times(60, i => connection('10.0.0.1:40000', `10.0.0.9:${1000 + i}`))
    expect(usedPorts(situation({ records: [listener, ...accepted], settings }))).toEqual([])
    const low = times(60, i => connection(`10.0.0.1:${1000 + i}`, '10.0.0.9:80'))
    expect(usedPorts(situation({ records: low, settings }))).toEqual([])
    expect(usedPorts(situation({ records: outgoing(60) }))).toEqual([])
  })
})

describe('ephemeralExhausted', () => {
  it('warns at 70 %, is a problem at 95 %, and names who has most of them', () => {
    const owners = Object.fromEntries(times(100, i => [100 + i, [NODE]]))
    const seventy = { records: outgoing(70, 'established'), owners, settings }
    const [found] = ephemeralExhausted.check(situation(seventy))
    expect(found?.severity).toBe('warning')
    expect(found?.summary).toBe(
      'nearly out of client ports towards 10.0.0.9:5432 from 10.0.0.1: 70 of 100 used (70 %)',
    )
    expect(found?.evidence[1]).toBe('node (pid 4711) holds 70')
    const full = { ...seventy, records: outgoing(95, 'established') }
    expect(ephemeralExhausted.check(situation(full))[0]?.severity).toBe('problem')
    const fewer = { ...seventy, records: outgoing(69, 'established') }
    expect(ephemeralExhausted.check(situation(fewer))).toEqual([])
  })

  it('offers tcp_tw_reuse only where TIME_WAIT is what fills the range', () => {
    const commands = (state: SocketState) =>
      ephemeralExhausted
        .check(situation({ records: outgoing(90, state), settings }))
        .flatMap(({ advice }) => advice.map(({ command }) => command))
    expect(commands('time-wait')).toContain('sudo sysctl net.ipv4.tcp_tw_reuse=1')
    expect(commands('established')).not.toContain('sudo sysctl net.ipv4.tcp_tw_reuse=1')
  })
})

describe('listenerInEphemeralRange', () => {
  const owners = { 1: [NODE] }
  const at = (text: string) => ({ records: [record({ inode: 1, local: address(text) })], owners })

  it('gives one note, with the whole list to reserve', () => {
    const reserved = { ...settings, 'net/ipv4/ip_local_reserved_ports': '40050' }
    const [found] = listenerInEphemeralRange.check(
      situation({ ...at('0.0.0.0:40001'), settings: reserved }),
    )
    expect(found?.advice.at(-1)?.command).toBe(
      'sudo sysctl net.ipv4.ip_local_reserved_ports=40050,40001',
    )
  })

  it('is silent about loopback, reserved ports, other ports, and the kernel’s own', () => {
    for (const text of ['127.0.0.1:40001', '[::1]:40001', '0.0.0.0:39999', '0.0.0.0:40050']) {
      const reserved = { ...settings, 'net/ipv4/ip_local_reserved_ports': '40050' }
      expect(
        listenerInEphemeralRange.check(situation({ ...at(text), settings: reserved })),
      ).toEqual([])
    }
    const kernels = { records: at('0.0.0.0:40001').records, settings }
    expect(listenerInEphemeralRange.check(situation(kernels))).toEqual([])
  })
})
