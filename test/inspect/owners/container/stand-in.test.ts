import { describe, expect, it } from 'vitest'
import { standInOf } from '../../../../src/inspect/owners/container/stand-in.ts'

describe('standInOf', () => {
  it('reads for which container docker-proxy passes a port on', () => {
    const words =
      '/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80 -use-listen-fd'
    expect(standInOf(words.split(' '))).toEqual({
      kind: 'docker-proxy',
      protocol: 'tcp',
      host: '0.0.0.0',
      port: 8080,
      containerHost: '172.17.0.2',
      containerPort: 80,
    })
  })

  it('reads it with other dashes, and of UDP', () => {
    const words =
      'docker-proxy --proto=udp --host-ip=:: --host-port=53 --container-ip=fd00::2 --container-port=5353'
    expect(standInOf(words.split(' '))).toMatchObject({
      protocol: 'udp',
      host: '::',
      port: 53,
      containerHost: 'fd00::2',
      containerPort: 5353,
    })
  })

  it.each([
    [['rootlessport'], { kind: 'rootless-network', program: 'rootlessport' }],
    [['rootlessport-child'], { kind: 'rootless-network', program: 'rootlessport' }],
    [
      ['/usr/bin/slirp4netns', '--mtu', '65520', 'tap0'],
      { kind: 'rootless-network', program: 'slirp4netns' },
    ],
    [['/usr/bin/pasta', '--config-net'], { kind: 'rootless-network', program: 'pasta' }],
    [['/usr/bin/pasta.avx2', '-t'], { kind: 'rootless-network', program: 'pasta' }],
    [['rootlesskit', '--net=host'], { kind: 'rootless-network', program: 'rootlesskit' }],
    [
      ['/usr/bin/conmon', '--api-version', '1', '-c', 'ab12'],
      { kind: 'conmon', containerId: 'ab12' },
    ],
    [['conmon'], { kind: 'conmon', containerId: undefined }],
    [['/usr/bin/dockerd', '-H', 'fd://'], { kind: 'dockerd' }],
    [['docker-proxy', '-host-port', 'x'], undefined],
    [['nginx: master process'], undefined],
    [['/opt/my-docker-proxy', '-host-port', '1'], undefined],
    [[], undefined],
  ])('takes %j for %j', (words, expected) => {
    expect(standInOf(words)).toEqual(expected)
  })
})
