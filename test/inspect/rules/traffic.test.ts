import { describe, expect, it } from 'vitest'
import { connection } from '../../support/records.ts'
import { idsOf } from '../../support/situation.ts'

const grown = (counters: Record<string, number>, before: Record<string, number> = {}) =>
  idsOf({ counters }, { counters: before })

describe('rules on counters', () => {
  it.each<[string, Record<string, number>, Record<string, number>]>([
    ['warning sys.syncookies-active', { TcpExtSyncookiesSent: 1 }, {}],
    ['note sys.resets', { TcpEstabResets: 10 }, { TcpEstabResets: 9, TcpExtTCPAbortOnClose: 99 }],
    [
      'note sys.attempt-fails',
      { TcpAttemptFails: 10, TcpActiveOpens: 50 },
      { TcpAttemptFails: 10, TcpActiveOpens: 51 },
    ],
    [
      'note sys.retrans-rate',
      { TcpRetransSegs: 1, TcpOutSegs: 100 },
      { TcpRetransSegs: 1, TcpOutSegs: 101 },
    ],
    [
      'warning sys.retrans-rate',
      { TcpRetransSegs: 3, TcpOutSegs: 100 },
      { TcpRetransSegs: 50, TcpOutSegs: 99 },
    ],
    ['note sys.syn-retrans', { TcpExtTCPSynRetrans: 3 }, { TcpExtTCPSynRetrans: 2 }],
    ['warning sys.backlog-drop', { TcpExtTCPBacklogDrop: 1 }, {}],
    ['warning sys.backlog-drop', { SoftnetDropped: 1 }, {}],
    ['note sys.filtered', { TcpExtIPReversePathFilter: 1 }, {}],
    ['note sys.filtered', { TcpExtTCPMD5NotFound: 1 }, {}],
    ['note sys.paws', { TcpExtPAWSEstab: 1 }, {}],
  ])('%s: speaks of %j, not of %j', (id, enough, less) => {
    expect(grown(enough)).toEqual([id])
    expect(grown(less)).toEqual([])
    // What has gathered since the machine was started is the past.
    expect(grown(enough, enough)).toEqual([])
    expect(idsOf({ counters: enough })).toEqual([])
  })

  it('leaves repeated SYNs to the connects that still wait, which have a name', () => {
    const waiting = connection('10.0.0.1:40000', '10.0.0.9:443', {
      state: 'syn-sent',
      timer: { kind: 'retransmit', retransmits: 2, expiresInMs: 100 },
    })
    const now = { records: [waiting], counters: { TcpExtTCPSynRetrans: 9 } }
    expect(idsOf(now, {})).toEqual(['warning tcp.syn-sent.blocked'])
  })

  it('is silent when a counter begins anew', () => {
    expect(grown({ TcpEstabResets: 5 }, { TcpEstabResets: 500 })).toEqual([])
  })
})
