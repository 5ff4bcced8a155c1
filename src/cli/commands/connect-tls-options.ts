import type { Starttls } from '../../transports/tls/starttls/types.ts'
import { parseCount } from '../../units.ts'
import { TLS_OPTIONS, type TlsFlags } from './tls-options.ts'
import type { Note, OptionGroup } from './types.ts'

/** What a command that dials is told about TLS. */
export interface ConnectTlsFlags extends TlsFlags {
  readonly ca?: string
  readonly insecure?: true
  readonly tlsName?: string
  readonly sni?: string
  readonly starttls?: Starttls
  readonly showCert?: true
  readonly expectCertDays?: number
}

/** Written out: the dialogues themselves are loaded on use. */
const STARTTLS = [
  'smtp',
  'imap',
  'pop3',
  'ftp',
  'ldap',
  'postgres',
  'mysql',
  'xmpp',
] as const satisfies readonly Starttls[]

export const CONNECT_TLS_OPTIONS: OptionGroup = {
  title: 'TLS',
  options: [
    { flags: '--tls', text: 'Talk under TLS, as with tls://; the peer is verified' },
    { flags: '--ca <file>', text: 'Trust the CAs in this file (PEM), and no others' },
    { flags: '--insecure', text: 'Go on with a peer that cannot be verified' },
    { flags: '--tls-name <name>', text: 'Whom the certificate has to be for, if not the host' },
    { flags: '--sni <name>', text: 'The name to ask the server for, if not that one' },
    {
      flags: '--starttls <protocol>',
      text: 'First the words of a protocol that begins without TLS',
      choices: STARTTLS,
    },
    { flags: '--show-cert', text: 'Show whom the peer says it is, and leave' },
    {
      flags: '--expect-cert-days <n>',
      text: 'See whether its certificate is valid for n more days, and leave',
      parse: parseCount,
    },
    ...TLS_OPTIONS,
  ],
}

/** What somebody who connects under TLS has to know of it. */
export const CONNECT_TLS_NOTE: Note = {
  title: 'TLS',
  text: `The peer has to show a certificate that is for the host, is valid now, and leads to a CA that Node knows, that NODE_EXTRA_CA_CERTS names, or that --ca brings. If not, the reason is said and the exit code is 6. --insecure goes on all the same, and says each time what was wrong.

--starttls begins in the plain words of smtp, imap, pop3, ftp, ldap, postgres, mysql or xmpp and ends them where TLS begins; a server that does not offer it is an error, and so is one that says more in plain words after.

--show-cert prints the certificates that the peer has shown, its own first. --expect-cert-days is for scripts: exit 1 when one of them ends sooner, with --show-cert or without. Both leave without a byte of what stdin has.

An end without close_notify is an error, exit 4: what came may not be all. With --cert and --key we show a certificate; by TLS 1.3 a server says only after the handshake that it does not take it.`,
}
