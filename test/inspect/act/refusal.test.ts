import { describe, expect, it } from 'vitest'
import { type Candidate, refusalOf } from '../../../src/inspect/act/refusal.ts'
import { record } from '../../support/records.ts'

const asker = { uid: 1000, chain: new Set([500, 400, 1]), sshPort: 22 }
const node: Candidate = {
  pid: 4711,
  name: 'node',
  words: ['node', 'server.js'],
  uid: 1000,
  doors: [record()],
}
const sshDoor = record({ local: { family: 'ipv4', host: '0.0.0.0', port: 22 } })

describe('refusalOf', () => {
  it('lets a process of the same user be stopped', () => {
    expect(refusalOf(node, asker)).toBeUndefined()
  })

  it.each<[string, Partial<Candidate>, string, string | undefined]>([
    ['pid 1', { pid: 1, name: 'systemd', uid: 1000 }, 'init', 'systemctl list-sockets | grep 8080'],
    ['a manager of services', { name: 'inetd' }, 'init', undefined],
    ['itself', { pid: 500 }, 'ancestor', undefined],
    ['what it runs in', { pid: 400, name: 'bash' }, 'ancestor', undefined],
    ['the ssh server of this session', { name: 'sshd', doors: [sshDoor] }, 'session', undefined],
    [
      'docker-proxy',
      { name: 'docker-proxy', words: ['/usr/bin/docker-proxy', '-proto', 'tcp'] },
      'stand-in',
      'docker stop $(docker ps -q --filter publish=8080)',
    ],
    [
      'what only its command line gives away',
      { name: 'exe', words: ['docker-proxy', '-proto', 'tcp'] },
      'stand-in',
      'docker stop $(docker ps -q --filter publish=8080)',
    ],
    ['dockerd', { name: 'dockerd', words: ['dockerd'] }, 'stand-in', expect.any(String)],
    ['pasta', { name: 'pasta.avx2', words: ['/usr/bin/pasta'] }, 'stand-in', expect.any(String)],
    [
      'conmon',
      { name: 'conmon', words: ['conmon', '-c', 'abcdef0123456789'] },
      'stand-in',
      'podman stop abcdef012345',
    ],
    ['containerd-shim', { name: 'containerd-shim' }, 'stand-in', expect.any(String)],
    ['a process of another user', { uid: 33 }, 'other-user', 'sudo kill 4711'],
    ['one whose user cannot be told', { uid: undefined }, 'other-user', 'sudo kill 4711'],
  ])('refuses %s', (_, parts, kind, instead) => {
    expect(refusalOf({ ...node, ...parts }, asker)).toMatchObject({ kind, instead })
  })

  it('lets root stop the processes of others, but not what it runs in', () => {
    const root = { ...asker, uid: 0 }
    expect(refusalOf({ ...node, uid: 33 }, root)).toBeUndefined()
    expect(refusalOf({ ...node, pid: 400 }, root)?.kind).toBe('ancestor')
  })

  it('does not take an ssh server on another port for that of this session', () => {
    expect(refusalOf({ ...node, name: 'sshd' }, asker)).toBeUndefined()
  })
})
