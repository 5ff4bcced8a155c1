import { describe, expect, it } from 'vitest'
import { diagnose, RULES } from '../../../src/inspect/rules/index.ts'
import { THRESHOLDS } from '../../../src/inspect/rules/thresholds.ts'
import type { Rule } from '../../../src/inspect/rules/types.ts'
import { terminalText } from '../../../src/terminal-text.ts'
import { connection, record } from '../../support/records.ts'
import { idsOf, NODE, situation, times } from '../../support/situation.ts'

const rules = Object.entries<Rule>(RULES)

describe('RULES', () => {
  it.each(rules)('has %s under its own id, in kebab-case parts', (id, rule) => {
    expect(rule.id).toBe(id)
    expect(id).toMatch(/^[a-z]+(\.[a-z0-9-]+)+$/)
  })

  it.each(rules)('has a title and an explanation of %s', (_, { title, explanation }) => {
    expect(title).toMatch(/^[A-Zl].{10,}[^.]$/)
    expect(explanation).toMatch(/^.{60,}\.$/s)
    expect(terminalText(explanation)).toBe(explanation)
  })

  it.each(rules)('finds nothing with %s where there is nothing', (_, rule) => {
    expect(rule.check(situation({}, {}))).toEqual([])
    expect(rule.check(situation({}))).toEqual([])
  })

  it('gives no advice that does harm, and corrects what is believed', () => {
    const texts = rules.map(([, { explanation }]) => explanation).join('\n')
    expect(texts).toMatch(/tcp_fin_timeout does not change it/)
    expect(texts).toMatch(/tcp_tw_recycle no longer exists/)
    expect(texts).toMatch(/no kernel setting changes that/)
    expect(texts).toMatch(/raising somaxconn alone does nothing/)
    const { findings: found } = diagnose(situation(everything(), {}))
    const commands = found.flatMap(({ advice }) => advice.map(({ command = '' }) => command))
    expect(commands.join('\n')).not.toMatch(/tw_recycle|fin_timeout|kill -9|ss -K|keepalive_time/)
    expect(found.length).toBeGreaterThan(3)
  })

  it('leaves settings of the kernel for the end of its advice', () => {
    for (const { advice } of diagnose(situation(everything(), {})).findings) {
      const settings = advice.map(({ command = '' }) => command.startsWith('sudo sysctl'))
      const first = settings.indexOf(true)
      if (first !== -1) expect(settings.slice(first)).not.toContain(false)
      if (settings.length > 1) expect(first).not.toBe(0)
    }
  })
})

describe('THRESHOLDS', () => {
  it.each(Object.entries(THRESHOLDS))('says what %s is for', (_, { text, written }) => {
    expect(text).toMatch(/^[a-zA-Z].{10,}[^.]$/)
    expect(written).not.toBe('')
  })
})

describe('diagnose', () => {
  it('puts the worst first', () => {
    const severities = diagnose(situation(everything(), {})).findings.map(
      ({ severity }) => severity,
    )
    const order = ['problem', 'warning', 'note']
    expect(severities).toEqual([...severities].sort((a, b) => order.indexOf(a) - order.indexOf(b)))
    expect(new Set(severities).size).toBe(3)
  })

  it('says which rules would have had to know a holder that is hidden, and of which sockets', () => {
    const seen = situation(everything(), {})
    const { findings, blind } = diagnose({
      ...seen,
      ownershipOf: () => ({ kind: 'hidden', uid: 0 }),
    })
    expect(blind.map(({ rule }) => rule.id)).toContain('listen.owner-stopped')
    const told = findings.find(({ id }) => id === 'tcp.close-wait.leak')
    expect(told?.sockets.length).toBe(30)
    expect(blind.find(({ rule }) => rule.id === told?.id)).toBeUndefined()
    expect(diagnose(seen).blind).toEqual([])
  })

  it('finds nothing among connections that do what they should', () => {
    const records = [
      record({ inode: 1, cookie: 1n }),
      ...times(200, i =>
        connection('127.0.0.1:8080', `127.0.0.1:${33_000 + i}`, {
          inode: 10 + i,
          cookie: BigInt(i + 10),
        }),
      ),
    ]
    const owners = Object.fromEntries(records.map(({ inode }) => [inode, [NODE]]))
    expect(idsOf({ records, owners }, { records, owners })).toEqual([])
  })
})

/** Many troubles at once. */
function everything() {
  const records = [
    record({ inode: 1, cookie: 1n, receiveQueue: 6, sendQueue: 5 }),
    ...times(30, i =>
      connection('10.0.0.1:40000', '10.0.0.9:5432', { state: 'close-wait', inode: 100 + i }),
    ),
    ...times(90, i =>
      connection(`10.0.0.1:${41_000 + i}`, '10.0.0.9:80', { state: 'time-wait', inode: 0 }),
    ),
    record({ state: 'bound-inactive', inode: 2, cookie: 2n }),
  ]
  const owners = Object.fromEntries(records.map(({ inode }) => [inode, [NODE]]))
  return {
    records,
    owners: { ...owners, 0: [] },
    counters: { TcpEstabResets: 100, TcpExtSyncookiesSent: 4, TcpExtTCPAbortOnMemory: 1 },
    settings: {
      'net/ipv4/ip_local_port_range': '41000 41099',
      'fs/file-nr': '95 0 100',
      'net/netfilter/nf_conntrack_count': '99',
      'net/netfilter/nf_conntrack_max': '100',
    },
  }
}
