import { describe, expect, it } from 'vitest'
import { parseCgroup } from '../../../../src/inspect/owners/cgroup/path.ts'

describe('parseCgroup', () => {
  it.each<[string, string, string | undefined]>([
    ['version 2', '0::/system.slice/nginx.service\n', '/system.slice/nginx.service'],
    ['version 2, in the root', '0::/\n', '/'],
    [
      'both, sorted by version 2',
      '3:memory:/\n1:name=systemd:/old\n0::/system.slice/a.service\n',
      '/system.slice/a.service',
    ],
    [
      'both, sorted by that of systemd',
      '4:memory:/x\n2:name=systemd:/system.slice/a.service\n0::/\n',
      '/system.slice/a.service',
    ],
    [
      'version 1 of a container',
      '9:name=systemd:/\n8:pids:/docker/abc\n5:cpu,cpuacct:/docker/abc\n0::/\n',
      '/docker/abc',
    ],
    ['version 1, whichever says something', '2:cpuset:/\n1:freezer:/lxc/web\n', '/lxc/web'],
    ['a colon in the path', '0::/a:b/c\n', '/a:b/c'],
    ['another namespace', '0::/../../other.service\n', '/../../other.service'],
    ['nothing', '', undefined],
  ])('reads %s', (_, text, expected) => {
    expect(parseCgroup(text)).toBe(expected)
  })
})
