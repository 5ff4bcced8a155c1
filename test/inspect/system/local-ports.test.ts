import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLocalPorts } from '../../../src/inspect/system/local-ports.ts'

describe('readLocalPorts', () => {
  let settings: string
  beforeEach(() => {
    settings = mkdtempSync(join(tmpdir(), 'sockctl-ports-'))
  })
  afterEach(() => rmSync(settings, { recursive: true }))

  it('reads the setting', () => {
    writeFileSync(join(settings, 'ip_local_port_range'), '40000\t40019\n')
    expect(readLocalPorts('linux', settings)).toEqual({
      first: 40_000,
      last: 40_019,
      isAssumed: false,
    })
  })

  it.each([
    ['linux', 32_768, 60_999],
    ['darwin', 49_152, 65_535],
    ['win32', 49_152, 65_535],
  ] as const)('knows what is usual on %s', (platform, first, last) => {
    expect(readLocalPorts(platform, settings)).toEqual({ first, last, isAssumed: true })
    writeFileSync(join(settings, 'ip_local_port_range'), '\n')
    expect(readLocalPorts(platform, settings)).toEqual({ first, last, isAssumed: true })
  })
})
