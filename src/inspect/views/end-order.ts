import { inetAddress } from '../../address.ts'
import { isInetEnd, type SocketEnd } from '../ends.ts'

/**
 * Makes the text that puts ends in order when compared letter by letter: IPv4, IPv6, the others;
 * addresses by their bytes, then ports by number. An IPv4 peer of a dual-stack socket stands among
 * the IPv4 ones. Undefined for no end, and for one without a name.
 */
export function endOrder(end: SocketEnd | undefined): string | undefined {
  if (end === undefined) return undefined
  if (isInetEnd(end)) {
    const { family, host } = inetAddress(end.host, 0)
    const bytes = family === 'ipv4' ? `4 ${ipv4Digits(host)}` : `6 ${ipv6Digits(host)}`
    return `${bytes} ${digits(end.port)}`
  }
  switch (end.family) {
    case 'unix':
      return end.path === '' ? undefined : `7 ${end.path}`
    case 'packet':
      return `8 packet ${digits(end.interfaceIndex)} ${digits(end.protocol)}`
    case 'netlink':
      return `8 netlink ${digits(end.protocol)} ${digits(end.port)}`
    case 'vsock':
      return `8 vsock ${digits(end.cid)} ${digits(end.port)}`
  }
}

function digits(value: number): string {
  return value.toString(16).padStart(8, '0')
}

function ipv4Digits(host: string): string {
  return host
    .split('.')
    .map(part => Number(part).toString(16).padStart(2, '0'))
    .join('')
}

/** All eight groups with all their digits, and the zone after them. */
function ipv6Digits(host: string): string {
  const [address = '', zone = ''] = host.split('%')
  const [before = '', after] = address.split('::')
  const first = groups(before)
  const last = groups(after ?? '')
  const missing = Math.max(0, 8 - first.length - last.length)
  const all = [...first, ...Array<string>(missing).fill('0'), ...last]
  return all.map(group => group.padStart(4, '0')).join('') + zone
}

/** The last group may be written as an IPv4 address: that is two. */
function groups(text: string): string[] {
  return text
    .split(':')
    .filter(group => group !== '')
    .flatMap(group => {
      if (!group.includes('.')) return [group]
      const bytes = ipv4Digits(group)
      return [bytes.slice(0, 4), bytes.slice(4)]
    })
}
