import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processAccess } from '../../../src/inspect/explain/process-access.ts'

describe('processAccess', () => {
  let procRoot: string

  beforeEach(() => {
    procRoot = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
    mkdirSync(join(procRoot, '7', 'fd'), { recursive: true })
  })

  afterEach(() => {
    rmSync(procRoot, { recursive: true })
  })

  it('is open where the descriptors can be read, or there are none', () => {
    expect(processAccess(7, procRoot)).toBe('open')
    symlinkSync('socket:[1]', join(procRoot, '7', 'fd', '0'))
    expect(processAccess(7, procRoot)).toBe('open')
    expect(processAccess(process.pid)).toBe('open')
  })

  it('is missing where there is no such process', () => {
    expect(processAccess(8, procRoot)).toBe('missing')
  })
})
