import { usageError } from '../../errors.ts'
import { TLS_OPTIONS, type TlsFlags } from './tls-options.ts'
import type { Note, OptionGroup } from './types.ts'

/** What a command that listens is told about TLS. */
export interface ServeTlsFlags extends TlsFlags {
  readonly tlsName?: readonly string[]
  readonly clientCa?: string
}

export const SERVE_TLS_OPTIONS: OptionGroup = {
  title: 'TLS',
  options: [
    { flags: '--tls', text: 'TLS on every TCP endpoint; without --cert one is made for this run' },
    {
      flags: '--tls-name <name>',
      text: 'Another name for the certificate that is made; repeatable',
      parse: parseCertificateName,
      repeatable: true,
      conflicts: ['cert'],
    },
    { flags: '--client-ca <file>', text: 'Only clients with a certificate of this CA may in' },
    ...TLS_OPTIONS,
  ],
}

/** Names of IA5 without blanks (RFC 5280 §4.2.1.6); others nobody could ever be called by. */
function parseCertificateName(text: string): string {
  if (/^[!-~]+$/.test(text) && !text.includes(',')) return text
  throw usageError(`not a name for a certificate: "${text}"`, 'Write app.example, or an address.')
}

/** What somebody who serves under TLS has to know of it. */
export const SERVE_TLS_NOTE: Note = {
  title: 'TLS',
  text: `--tls puts every TCP endpoint under TLS; tls:// does so for one. Without --cert and --key a CA is made that issues one certificate, for localhost, 127.0.0.1, ::1, the hosts that are listened on and each --tls-name, and is valid for 7 days. Keys stay in memory, and that of the CA is forgotten at once. The certificate of the CA lies in a folder that only you can read, until the end of the run; its path is printed (with --json as caFile of the event certificate), with what to type so that a client trusts it:

  NODE_EXTRA_CA_CERTS=/tmp/sockctl-x/ca.pem node client.js
  curl --cacert /tmp/sockctl-x/ca.pem https://localhost:8443

A command after -- finds that path in SOCKCTL_CA_FILE, and trusts the CA by itself if it is run by Node: NODE_EXTRA_CA_CERTS names a file with it, and with what that variable named before.

Who speaks plain HTTP is answered by a 400 that says so; whoever speaks no TLS, or does not finish its handshake in 10s, is turned away with a line that says what it spoke. A client that ends without close_notify has ended, as without TLS.`,
}
