import { readFileSync } from 'node:fs'
import { parsePorts } from '../select/ports.ts'
import { readLocalPorts, usualLocalPorts } from '../system/local-ports.ts'
import type { PortRange } from './types.ts'

/**
 * Reads from which ports this machine calls out: the settings of net.ipv4 in its network namespace
 * (Documentation/networking/ip-sysctl.rst). IPv6 has the same. Other systems have ports of their own,
 * which are usual there but may have been changed.
 *
 * @param settings the folder of the settings, on Linux
 */
export function readPortRange(
  platform: NodeJS.Platform,
  settings = '/proc/sys/net/ipv4',
): PortRange {
  if (platform !== 'linux') return usualRange(platform)
  const { first, last, isAssumed } = readLocalPorts(platform, settings)
  if (isAssumed) return usualRange(platform)
  const reserved = reservedWithin(read(`${settings}/ip_local_reserved_ports`) ?? '', first, last)
  return {
    first,
    last,
    reserved,
    usable: Math.max(1, last - first + 1 - reserved),
    // TCP_TIMEWAIT_LEN of net/tcp.h: no setting changes it.
    timeWaitSeconds: 60,
    reuse: reuseOf(read(`${settings}/tcp_tw_reuse`), read(`${settings}/tcp_timestamps`)),
    reuseAfterMs: Number(read(`${settings}/tcp_tw_reuse_delay`) ?? 1000),
    isAssumed: false,
  }
}

function usualRange(platform: NodeJS.Platform): PortRange {
  const { first, last } = usualLocalPorts(platform)
  return {
    first,
    last,
    reserved: 0,
    usable: last - first + 1,
    timeWaitSeconds: TIME_WAIT_SECONDS[platform] ?? 60,
    reuse: 'none',
    reuseAfterMs: 0,
    isAssumed: true,
  }
}

/** net.inet.tcp.msl of macOS is 15 s, of which it is twice; TcpTimedWaitDelay of Windows. */
const TIME_WAIT_SECONDS: Readonly<Partial<Record<NodeJS.Platform, number>>> = {
  darwin: 30,
  win32: 120,
}

/** Without timestamps a new connection cannot be told from the old one, and none is taken. */
function reuseOf(reuse: string | undefined, timestamps: string | undefined): PortRange['reuse'] {
  if (timestamps === '0') return 'none'
  return reuse === '1' ? 'all' : reuse === '2' ? 'loopback' : 'none'
}

function reservedWithin(text: string, first: number, last: number): number {
  if (text === '') return 0
  return parsePorts(text, () => undefined).reduce((sum, range) => {
    const from = Math.max(first, range.first)
    return sum + Math.max(0, Math.min(last, range.last) - from + 1)
  }, 0)
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}
