import { describe, expect, it } from 'vitest'
import { containerOf } from '../../../src/inspect/views/container.ts'

const ID = '0123456789ab'.padEnd(64, 'c')

describe('containerOf', () => {
  it.each([
    [`/system.slice/docker-${ID}.scope`, '0123456789ab'],
    [`/docker/${ID}`, '0123456789ab'],
    [`/docker/${ID}/init.scope`, '0123456789ab'],
    [`/machine.slice/libpod-${ID}.scope/container`, '0123456789ab'],
    [`/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope`, '0123456789ab'],
    ['/lxc.payload.shop/init.scope', 'shop'],
    ['/system.slice/nginx.service', undefined],
    ['/', undefined],
  ])('%s: %s', (path, expected) => {
    expect(containerOf(7, () => path)).toBe(expected)
  })

  it('knows nothing without a number or a name for it', () => {
    expect(containerOf(undefined, () => '/docker')).toBeUndefined()
    expect(containerOf(7, () => undefined)).toBeUndefined()
    expect(containerOf(7, undefined)).toBeUndefined()
  })
})
