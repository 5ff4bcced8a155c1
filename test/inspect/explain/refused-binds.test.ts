import { describe, expect, it } from 'vitest'
import type { BindResult, BindTrial } from '../../../src/inspect/explain/bind-probe.ts'
import { unseenHosts } from '../../../src/inspect/explain/refused-binds.ts'
import { address, connection, record } from '../../support/records.ts'

const HOSTS = ['0.0.0.0', '::', '127.0.0.1', '::1']

/** What binding 0.0.0.0, ::, 127.0.0.1 and ::1 gave. */
function trials(...results: BindResult[]): BindTrial[] {
  return results.map((result, i) => ({ host: HOSTS[i] ?? '', result, errno: undefined }))
}

const ALL_REFUSED = trials('in-use', 'in-use', 'in-use', 'in-use')
const NOT_IPV6_LOOPBACK = trials('in-use', 'in-use', 'in-use', 'ok')

describe('unseenHosts', () => {
  it('finds every refusal explained by a listener of both families', () => {
    const everywhere = record({ local: address('[::]:8080') })
    expect(unseenHosts(ALL_REFUSED, 8080, [everywhere])).toEqual([])
  })

  it('finds what a listener of one address does not explain', () => {
    expect(unseenHosts(NOT_IPV6_LOOPBACK, 8080, [record()])).toEqual([])
    expect(unseenHosts(ALL_REFUSED, 8080, [record()])).toEqual(['::1'])
  })

  it('explains nothing by another protocol or another port', () => {
    const others = [record({ protocol: 'udp' }), record({ local: address('127.0.0.1:80') })]
    expect(unseenHosts(NOT_IPV6_LOOPBACK, 8080, others)).toEqual(['0.0.0.0', '::', '127.0.0.1'])
  })

  it('does not explain it by what a bind beside it went well', () => {
    const rest = connection('127.0.0.1:8080', '127.0.0.1:40000', { state: 'time-wait', inode: 0 })
    expect(unseenHosts(NOT_IPV6_LOOPBACK, 8080, [rest])).toEqual([])
    expect(unseenHosts(trials('ok', 'in-use', 'ok', 'in-use'), 8080, [rest])).toEqual(['::', '::1'])
  })

  it('takes one on :: that may be of IPv6 only for the reason', () => {
    const unknown = record({ local: address('[::]:8080'), family: 'ipv6' })
    expect(unseenHosts(trials('ok', 'in-use', 'ok', 'in-use'), 8080, [unknown])).toEqual([])
  })

  it('has nothing to explain where nothing was tried', () => {
    expect(unseenHosts(undefined, 8080, [])).toEqual([])
  })
})
