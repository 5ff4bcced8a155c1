import type { Duplex } from 'node:stream'
import { wrap } from '../channel/wrap.ts'
import { SockctlError } from '../errors.ts'
import { formatDuration } from '../units.ts'
import type { Layer } from './types.ts'

/** Ends a channel with ERR_TIMEOUT when nothing has passed in either direction for a time. */
export function idleTimeout(idleMs: number): Layer {
  return channel => {
    const { duplex } = channel
    const expire = (): void => {
      duplex.destroy(new SockctlError('ERR_TIMEOUT', `idle for ${formatDuration(idleMs)}`))
    }
    if (canTimeOut(duplex)) {
      duplex.setTimeout(idleMs, expire)
      return channel
    }
    const timer = setTimeout(expire, idleMs)
    duplex.once('close', () => clearTimeout(timer))
    const touch = (chunk: Buffer, pass: (part: Buffer) => void): void => {
      timer.refresh()
      pass(chunk)
    }
    return wrap(channel, { inbound: touch, outbound: touch })
  }
}

/** A net.Socket counts by itself, and so do datagrams. */
function canTimeOut(duplex: Duplex): duplex is Duplex & TimingOut {
  return 'setTimeout' in duplex
}

interface TimingOut {
  setTimeout(ms: number, onTimeout: () => void): unknown
}
