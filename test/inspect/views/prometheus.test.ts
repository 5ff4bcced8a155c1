import { describe, expect, it } from 'vitest'
import { GROUP_WORDS } from '../../../src/inspect/views/groups.ts'
import { prometheusView } from '../../../src/inspect/views/prometheus.ts'
import type { SocketList } from '../../../src/inspect/views/types.ts'
import { HOSTILE } from '../../support/check-results.ts'
import { parseExposition } from '../../support/exposition.ts'
import { connection, record, socketList, unixSocket } from '../../support/records.ts'

const node = { pid: 4711, fd: 21, name: 'node' }
const list: SocketList = socketList(
  [
    record({ receiveQueue: 3, drops: 7 }),
    record({ inode: 1001, receiveQueue: 1, drops: 2 }),
    connection('127.0.0.1:8080', '10.0.0.7:40000', { inode: 1002 }),
    connection('127.0.0.1:8080', '10.0.0.7:40001', { inode: 1002, state: 'close-wait' }),
    connection('127.0.0.1:8080', '10.0.0.7:40002', { inode: 0, state: 'time-wait' }),
    unixSocket(HOSTILE, { state: 'listen', inode: 1003, sendQueue: 5 }),
  ],
  {
    1000: [node],
    1001: [{ ...node, pid: 4712 }],
    1002: [node, { ...node, pid: 4712 }],
    1003: [{ pid: 1, fd: 3, name: HOSTILE }],
  },
)

function samples(groupBy?: (typeof GROUP_WORDS)[number]) {
  return parseExposition([...prometheusView(list, { groupBy, looked: undefined })].join(''))
}

describe('prometheusView', () => {
  it('counts sockets by protocol, family and state', () => {
    const counts = samples().filter(({ name }) => name === 'sockctl_sockets')
    expect(counts.map(({ labels, value }) => [...Object.values(labels), value])).toEqual([
      ['tcp', 'ipv4', 'close-wait', 1],
      ['tcp', 'ipv4', 'established', 1],
      ['tcp', 'ipv4', 'listen', 2],
      ['tcp', 'ipv4', 'time-wait', 1],
      ['unix', 'unix', 'listen', 1],
    ])
  })

  it('adds up the queues, limits and drops of listeners that share an address', () => {
    const place = { protocol: 'tcp', family: 'ipv4', address: '127.0.0.1', port: '8080' }
    const ofPort = samples().filter(({ labels }) => labels.port === '8080')
    expect(ofPort).toEqual([
      { name: 'sockctl_listener_accept_queue', labels: place, value: 4 },
      { name: 'sockctl_listener_accept_queue_limit', labels: place, value: 1022 },
      { name: 'sockctl_listener_drops_total', labels: place, value: 9 },
    ])
  })

  it('writes hostile paths and names as labels that can be read back', () => {
    const [queue] = samples().filter(({ labels }) => labels.family === 'unix' && labels.address)
    expect(queue?.labels.address).toMatch(/^x\\r\\n::error::\]\]>\\x00"><!--&amp;%0A,:\\\\x1b/)
    const named = samples('process').find(({ labels }) => labels.process?.startsWith('x\\r'))
    expect(named?.value).toBe(1)
  })

  it('counts a socket that two processes of one name hold once for that name', () => {
    const counts = samples('process').filter(({ labels }) => labels.process === 'node')
    expect(counts.map(({ labels, value }) => [labels.state, value])).toEqual([
      ['close-wait', 1],
      ['established', 1],
      ['listen', 2],
    ])
    const nobody = samples('process').find(({ labels }) => labels.state === 'time-wait')
    expect(nobody?.labels.process).toBe('(kernel)')
  })

  it.each(GROUP_WORDS)('writes what can be read, by %s', by => {
    const total = samples(by)
      .filter(({ name }) => name === 'sockctl_sockets')
      .reduce((sum, { value }) => sum + value, 0)
    expect(total).toBe(6)
  })

  it('says 0 for what was looked for and is not there', () => {
    const looked = {
      protocols: new Set(['tcp'] as const),
      families: new Set(['ipv4'] as const),
      states: new Set(['close-wait', 'listen'] as const),
    }
    const none = socketList([])
    const text = [...prometheusView(none, { groupBy: undefined, looked })].join('')
    const counts = parseExposition(text).filter(({ name }) => name === 'sockctl_sockets')
    expect(counts.map(({ labels, value }) => [labels.state, value])).toEqual([
      ['close-wait', 0],
      ['listen', 0],
    ])
  })

  it('says what could not be seen', () => {
    expect(samples().at(-1)).toEqual({
      name: 'sockctl_warnings',
      labels: { code: 'owners-hidden' },
      value: 1,
    })
  })
})
