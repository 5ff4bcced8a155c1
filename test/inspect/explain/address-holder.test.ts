import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../../src/address.ts'
import { addressHolder } from '../../../src/inspect/explain/address-holder.ts'
import { address, connection, record, snapshot } from '../../support/records.ts'

const viewer = { uid: 0, userName: () => undefined }
const node = { pid: 4711, fd: 3, name: 'node' }
const python = { pid: 4712, fd: 3, name: 'python3' }

/** A listener of node on every address of IPv6, perhaps of IPv4 too. */
const everyIpv6 = (isV6only?: boolean) =>
  record({
    family: 'ipv6',
    local: address('[::]:8080'),
    inode: 1,
    ip: {
      isV6only,
      typeOfService: undefined,
      trafficClass: undefined,
      classId: undefined,
      options: undefined,
    },
  })

describe('addressHolder', () => {
  const ipv4 = inetAddress('127.0.0.1', 8080)

  it('names a listener of IPv6 as who holds an address of IPv4, if it has that too', () => {
    const one = (isV6only?: boolean) =>
      addressHolder(snapshot([everyIpv6(isV6only)], { 1: [node] }), ipv4, viewer)
    expect(one(false)).toBe('held by node (pid 4711), listening on [::]:8080')
    expect(one(true)).toBeUndefined()
    // The text of /proc does not tell.
    expect(one()).toBe('perhaps held by node (pid 4711), listening on [::]:8080')
  })

  it('prefers what surely stands in the way', () => {
    const used = connection('127.0.0.1:8080', '127.0.0.1:5432', { inode: 2 })
    const seen = snapshot([everyIpv6(), used], { 1: [node], 2: [python] })
    expect(addressHolder(seen, ipv4, viewer)).toBe(
      'held by python3 (pid 4712): its connection to 127.0.0.1:5432 uses this port',
    )
    const listener = record({ inode: 2 })
    const ipv6 = connection('[::1]:8080', '[::1]:5432', { inode: 1 })
    const both = snapshot([listener, ipv6], { 1: [node], 2: [python] })
    expect(addressHolder(both, inetAddress('::', 8080), viewer)).toBe(
      'held by node (pid 4711): its connection to [::1]:5432 uses this port',
    )
  })
})
