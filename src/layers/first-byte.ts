import type { Duplex } from 'node:stream'
import { wrap } from '../channel/wrap.ts'
import { SockctlError } from '../errors.ts'
import { formatDuration } from '../units.ts'
import type { Layer } from './types.ts'

/**
 * Ends a channel with ERR_TIMEOUT when the peer has said nothing for a time after it came in. Who has
 * said a byte may be silent as long as it likes: that is what an idle timeout is for.
 */
export function firstByte(withinMs: number): Layer {
  return channel => {
    const { duplex } = channel
    if (isCounting(duplex)) {
      // What waits in the stream came behind a credential, and is the beginning of what it says.
      const before = duplex.bytesRead - duplex.readableLength
      endUnless(() => duplex.bytesRead > before, { duplex, withinMs })
      return channel
    }
    let isHeard = false
    endUnless(() => isHeard, { duplex, withinMs })
    return wrap(channel, {
      inbound(chunk, pass) {
        isHeard = true
        pass(chunk)
      },
    })
  }
}

/** A peer that has ended its side has said what it had to say. */
function endUnless(
  hasSpoken: () => boolean,
  { duplex, withinMs }: { readonly duplex: Duplex; readonly withinMs: number },
): void {
  const timer = setTimeout(() => {
    if (hasSpoken() || duplex.readableEnded) return
    const message = `said nothing for ${formatDuration(withinMs)}`
    duplex.destroy(new SockctlError('ERR_TIMEOUT', message))
  }, withinMs)
  duplex.once('close', () => clearTimeout(timer))
}

/** As net.Socket does, without anything that stands in the way. */
function isCounting(duplex: Duplex): duplex is Duplex & { readonly bytesRead: number } {
  return 'bytesRead' in duplex && typeof duplex.bytesRead === 'number'
}
