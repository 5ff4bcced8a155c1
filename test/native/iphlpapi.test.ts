import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Iphlpapi, loadIphlpapi } from '../../src/native/iphlpapi.ts'
import { hasPeer } from '../support/peers.ts'

/**
 * A library with the two functions of iphlpapi.dll, as far as their callers see: which arguments come,
 * how a table that is too small is refused, and how errors are told.
 */
const LIBRARY = `
#include <stdint.h>
#include <string.h>
#define ROWS 1000
static int tries;
uint32_t GetExtendedTcpTable(void *table, uint32_t *size, int order, uint32_t family, int class,
                             uint32_t reserved) {
  uint32_t needed = 4 + ROWS * 24 + 8192 * (tries < 3 ? tries : 3);
  if (order != 0 || class != 5 || reserved != 0) return 87;
  if (family == 23) { *size = *size + 1; return 122; }
  tries++;
  if (*size < needed) { *size = needed; return 122; }
  memset(table, 0xab, needed);
  *(uint32_t *)table = ROWS;
  return 0;
}
uint32_t GetExtendedUdpTable(void *table, uint32_t *size, int order, uint32_t family, int class,
                             uint32_t reserved) {
  if (order != 0 || class != 1 || reserved != 0) return 87;
  return family == 2 ? 5 : 50;
}
`

describe.skipIf(process.platform !== 'linux' || !hasPeer('cc'))('loadIphlpapi', () => {
  let folder: string
  let library: Iphlpapi

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sockctl-iphlpapi-'))
    const [source, built] = [join(folder, 'iphlpapi.c'), join(folder, 'iphlpapi.so')]
    writeFileSync(source, LIBRARY)
    execFileSync('cc', ['-shared', '-fPIC', '-o', built, source])
    const load = await loadIphlpapi(built)
    if ('missing' in load) throw new Error(load.missing)
    library = load.iphlpapi
  })

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('calls with what the functions expect, and again until the table fits', () => {
    const table = library.tcpTable(2)
    expect(new DataView(table.buffer).getUint32(0, true)).toBe(1000)
    expect(table[4 + 1000 * 24 - 1]).toBe(0xab)
  })

  it('gives up on a table that never fits', () => {
    expect(() => library.tcpTable(23)).toThrow(/GetExtendedTcpTable failed \(Windows error 122\)/)
  })

  it('tells why there is no table', () => {
    expect(() => library.udpTable(2)).toThrow(expect.objectContaining({ code: 'ERR_DENIED' }))
    expect(() => library.udpTable(23)).toThrow(
      expect.objectContaining({
        code: 'ERR_SYSTEM',
        message: 'cannot list sockets: GetExtendedUdpTable failed (Windows error 50)',
      }),
    )
  })

  it('tells why the library cannot be called', async () => {
    const load = await loadIphlpapi(join(folder, 'nothing.dll'))
    expect(load).toEqual({ missing: expect.stringMatching(/load shared library/) })
  })
})
