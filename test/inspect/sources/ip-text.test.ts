import { describe, expect, it } from 'vitest'
import { hostReader } from '../../../src/inspect/sources/ip-text.ts'

function view(bytes: readonly number[]): DataView {
  return new DataView(Uint8Array.from(bytes).buffer)
}

describe('hostReader', () => {
  it('reads each family, and gives a known address again', () => {
    const read = hostReader()
    const bytes = view([10, 0, 0, 1, 10, 0, 0, 2])
    expect(read('ipv4', bytes, 0)).toBe('10.0.0.1')
    expect(read('ipv4', bytes, 4)).toBe('10.0.0.2')
    expect(read('ipv4', bytes, 0)).toBe('10.0.0.1')
    expect(read('ipv6', view([...Array(15).fill(0), 1]), 0)).toBe('::1')
  })
})
