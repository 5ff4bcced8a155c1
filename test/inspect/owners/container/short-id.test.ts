import { describe, expect, it } from 'vitest'
import { shortId } from '../../../../src/inspect/owners/container/short-id.ts'

describe('shortId', () => {
  it('shortens only what is long', () => {
    expect(['abcdef0123456789'.repeat(4), 'mail'].map(shortId)).toEqual(['abcdef012345', 'mail'])
  })
})
