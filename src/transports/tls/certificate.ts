import { X509Certificate } from 'node:crypto'
import { isIPv6, SocketAddress } from 'node:net'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { usageError } from '../../errors.ts'

/**
 * The certificates that a peer has shown, its own first, and what this machine has added to them.
 * Empty where it has shown none.
 *
 * They are copies. `getPeerX509Certificate` of Node 20 takes the first one out of OpenSSL's own list
 * each time, and frees it with the object: after it nobody finds it there.
 */
export function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true)
  while (next?.raw !== undefined) {
    const { fingerprint256 } = next
    // A CA has issued itself.
    if (chain.some(one => one.fingerprint256 === fingerprint256)) break
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate
  }
  return chain
}

/** A distinguished name on one line: `CN=localhost, O=Example`. Node has a line per part. */
export function formatName(name: string): string {
  return name.split('\n').filter(Boolean).join(', ')
}

/** The names and addresses that a certificate is for (RFC 5280 §4.2.1.6): `a.example`, `127.0.0.1`. */
export function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  // A name that holds a comma or a quote is written as JSON.
  const entries = subjectAltName.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? []
  return entries.flatMap(entry => {
    const [, kind, value] = /^\s*(DNS|IP Address):(.*)$/.exec(entry) ?? []
    if (kind === undefined || value === undefined) return []
    return [kind === 'DNS' ? value : shortAddress(value)]
  })
}

/** Node writes `0:0:0:0:0:0:0:1` for `::1`. */
function shortAddress(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address
}

/**
 * Reads the certificates that a text has in PEM (RFC 7468 §5), and makes sure that each can be read:
 * where Node finds none it says nothing, and takes the CAs that it knows itself, or no certificate at all.
 *
 * @param place where the text is from, for messages
 * @throws ERR_USAGE
 */
export function parseCertificates(text: string, place: string): X509Certificate[] {
  const found = text.match(PEM) ?? []
  if (found.length === 0) throw usageError(`there is no certificate in ${place}`, AS_PEM)
  return found.map(one => {
    try {
      return new X509Certificate(one)
    } catch {
      throw usageError(`a certificate in ${place} cannot be read`, AS_PEM)
    }
  })
}

const PEM = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]*?(?:-----END [^-]*-----|$)/g

const AS_PEM = 'It has to be PEM. If it is DER: openssl x509 -inform DER -in <file> -out cert.pem'
