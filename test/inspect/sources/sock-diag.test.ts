import { describe, expect, it } from 'vitest'
import { kernelLimits, sockDiag } from '../../../src/inspect/sources/sock-diag.ts'
import type { SocketState } from '../../../src/inspect/types.ts'

describe('kernelLimits', () => {
  const bound = new Set<SocketState>(['bound-inactive'])

  it.each(['6.8.0', '6.18.44-generic', '7.0.1', '10.2'])(
    'has nothing to say of Linux %s',
    kernel => {
      expect(kernelLimits(bound, kernel)).toEqual([])
    },
  )

  it.each(['6.7.12', '5.15.0-91-generic', '4.19'])('says what Linux %s does not show', kernel => {
    expect(kernelLimits(bound, kernel)).toEqual([
      {
        code: 'source-limited',
        message: `Linux ${kernel} does not show TCP sockets that are only bound: 6.8 does`,
      },
    ])
  })

  it('is silent when it was not asked for in particular', () => {
    expect(kernelLimits(new Set(['established', 'bound-inactive']), '5.15.0')).toEqual([])
    expect(kernelLimits(new Set(['listen']), '5.15.0')).toEqual([])
  })
})

describe('sockDiag', () => {
  it('is for the own sockets of Linux', () => {
    expect(sockDiag.isFor({ platform: 'linux', procRoot: '/proc' })).toBe(true)
    expect(sockDiag.isFor({ platform: 'linux', procRoot: '/container/proc' })).toBe(false)
    expect(sockDiag.isFor({ platform: 'darwin', procRoot: '/proc' })).toBe(false)
  })
})
