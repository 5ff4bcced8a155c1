import { ipv4Text, ipv6Text } from '../../ip-bytes.ts'

/** Writes the address of a family at `offset`. */
export type HostReader = (family: 'ipv4' | 'ipv6', bytes: DataView, offset: number) => string

/** Addresses that a reader remembers: tables have many sockets of few hosts. */
const MOST_REMEMBERED = 4096

/** Makes a function that writes the addresses of a table, and remembers those it has written. */
export function hostReader(): HostReader {
  const texts = new Map<number, string>()
  return (family, bytes, offset) => {
    if (family === 'ipv6') return ipv6Text(bytes, offset)
    const host = bytes.getUint32(offset)
    let text = texts.get(host)
    if (text === undefined) {
      text = ipv4Text(bytes, offset)
      if (texts.size < MOST_REMEMBERED) texts.set(host, text)
    }
    return text
  }
}
