import { describe, expect, it } from 'vitest'
import { run } from '../../../support/context.ts'

describe('serve', () => {
  it.each([
    ['ws://127.0.0.1:0', '--socks-proxy', 'ws'],
    ['socketio://127.0.0.1:0', '--http-proxy', 'socketio'],
    ['udp://127.0.0.1:0', '--socks-proxy', 'udp'],
  ])(
    '%s %s is refused before it listens: who comes has only messages',
    async (url, option, scheme) => {
      const { code, stderr } = await run([
        'serve',
        'tcp://127.0.0.1:0',
        url,
        option,
        '--for',
        '1ms',
      ])
      expect({ code, stderr }).toEqual({
        code: 9,
        stderr:
          `sockctl: ${option} is spoken to in bytes, and ${scheme}:// carries messages\n` +
          '  Write tcp://host:port or tls://host:port.\n',
      })
    },
  )
})
