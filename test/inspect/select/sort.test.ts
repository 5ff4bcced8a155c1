import { describe, expect, it } from 'vitest'
import { formatEnd } from '../../../src/inspect/ends.ts'
import { sortByPort } from '../../../src/inspect/select/sort.ts'
import { address, record } from '../../support/records.ts'

describe('sortByPort', () => {
  it('sorts by the number of the port, then protocol, then address', () => {
    const records = [
      record({ local: address('0.0.0.0:10000') }),
      record({ local: address('[::]:53') }),
      record({ local: address('0.0.0.0:53'), protocol: 'udp' }),
      record({ local: address('0.0.0.0:53') }),
      record({ local: address('127.0.0.1:9') }),
    ]
    expect(sortByPort(records).map(one => `${one.protocol} ${formatEnd(one.local)}`)).toEqual([
      'tcp 127.0.0.1:9',
      'tcp 0.0.0.0:53',
      'tcp [::]:53',
      'udp 0.0.0.0:53',
      'tcp 0.0.0.0:10000',
    ])
  })
})
