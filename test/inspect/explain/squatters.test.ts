import { describe, expect, it } from 'vitest'
import { squatterOn } from '../../../src/inspect/explain/squatters.ts'

describe('squatterOn', () => {
  it.each([
    [5000, 'tcp', 'darwin', 'ControlCe', 'AirPlay'],
    [80, 'tcp', 'win32', 'System', 'http.sys'],
    [53, 'udp', 'linux', 'systemd-resolve', 'systemd'],
    [5037, 'tcp', 'linux', 'adb', 'adb kill-server'],
    [41234, 'tcp', 'linux', 'code', 'editor'],
  ] as const)('knows who sits on %s', (port, protocol, platform, program, words) => {
    expect(squatterOn(port, { protocol, platform, program })).toContain(words)
  })

  it.each([
    [5000, 'tcp', 'linux', 'ControlCe'],
    [5000, 'tcp', 'darwin', 'node'],
    [5001, 'tcp', 'darwin', 'ControlCe'],
    [5353, 'tcp', 'linux', 'avahi-daemon'],
  ] as const)('blames nobody else on %s %s %s %s', (port, protocol, platform, program) => {
    expect(squatterOn(port, { protocol, platform, program })).toBeUndefined()
  })
})
