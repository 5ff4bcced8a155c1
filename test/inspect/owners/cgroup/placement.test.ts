import { describe, expect, it } from 'vitest'
import { placementOf } from '../../../../src/inspect/owners/cgroup/placement.ts'

const ID = '0123456789abcdef'.repeat(4)
const OTHER_ID = 'fedcba9876543210'.repeat(4)
const POD = '1b2c3d4e-0000-1111-2222-333344445555'
const POD_IN_SLICE = POD.replaceAll('-', '_')

describe('placementOf', () => {
  it.each<[string, string, ReturnType<typeof placementOf>['container']]>([
    ['Docker under systemd', `/system.slice/docker-${ID}.scope`, { kind: 'docker', id: ID }],
    ['Docker, version 1', `/docker/${ID}`, { kind: 'docker', id: ID }],
    ['an id by itself', `/${ID}`, { kind: 'unknown', id: ID }],
    ['Podman', `/machine.slice/libpod-${ID}.scope/container`, { kind: 'podman', id: ID }],
    ['the monitor of Podman', `/machine.slice/libpod-conmon-${ID}.scope`, undefined],
    [
      'containerd of Kubernetes',
      `/kubepods.slice/kubepods-pod${POD_IN_SLICE}.slice/cri-containerd-${ID}.scope`,
      { kind: 'containerd', id: ID },
    ],
    [
      'Kubernetes without systemd',
      `/kubepods/burstable/pod${POD}/${ID}`,
      { kind: 'kubernetes', id: ID },
    ],
    ['CRI-O', `/kubepods.slice/crio-${ID}.scope`, { kind: 'cri-o', id: ID }],
    ['the monitor of CRI-O', `/kubepods.slice/crio-conmon-${ID}.scope`, undefined],
    ['nerdctl', `/system.slice/nerdctl-${ID}.scope`, { kind: 'containerd', id: ID }],
    ['containerd', `/default/${ID}`, { kind: 'containerd', id: ID }],
    ['LXC', '/lxc.payload.web/system.slice/nginx.service', { kind: 'lxc', id: 'web' }],
    ['LXC, version 1', '/lxc/web', { kind: 'lxc', id: 'web' }],
    ['nspawn', '/machine.slice/machine-my\\x2dbox.scope', { kind: 'machine', id: 'my-box' }],
    [
      'nspawn as a service',
      '/machine.slice/systemd-nspawn@box.service',
      { kind: 'machine', id: 'box' },
    ],
    ['ECS', '/ecs/4d1f/0a9b-1', { kind: 'ecs', id: '0a9b-1' }],
    [
      'ECS with Docker',
      `/ecstasks.slice/ecstasks-4d1f.slice/docker-${ID}.scope`,
      { kind: 'docker', id: ID },
    ],
    ['a build', '/buildkit/x1y2', { kind: 'buildkit', id: 'x1y2' }],
    ['one in another', `/docker/${ID}/docker/${OTHER_ID}`, { kind: 'docker', id: OTHER_ID }],
    ['another namespace', `/../../docker-${ID}.scope`, { kind: 'docker', id: ID }],
    ['an id that is too short', '/docker/abc', undefined],
    ['a service', '/system.slice/nginx.service', undefined],
  ])('knows the container of %s', (_, path, expected) => {
    expect(placementOf(path).container).toEqual(expected)
  })

  it.each<[string, string | undefined]>([
    ['/system.slice/nginx.service', 'nginx.service'],
    [
      '/system.slice/system-postgresql.slice/postgresql@15-main.service',
      'postgresql@15-main.service',
    ],
    ['/system.slice/my\\x2dapp.service', 'my-app.service'],
    ['/user.slice/user-1000.slice/session-3.scope', 'session-3.scope'],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.service', 'app-x.service'],
    ['/system.slice/ssh.socket', 'ssh.socket'],
    ['/init.scope', 'init.scope'],
    [`/system.slice/docker-${ID}.scope`, undefined],
    ['/system.slice/app.service/workers', 'app.service'],
    ['/', undefined],
    ['/kubepods', undefined],
  ])('knows the unit of %s', (path, expected) => {
    expect(placementOf(path).unit).toBe(expected)
  })

  it.each([
    [`/kubepods/burstable/pod${POD}/${ID}`],
    [
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD_IN_SLICE}.slice/crio-${ID}.scope`,
    ],
    [`/kubepods.slice/kubepods-pod${POD_IN_SLICE}.slice/cri-containerd-${ID}.scope`],
  ])('knows the pod of %s', path => {
    expect(placementOf(path).pod).toBe(POD)
  })
})
