import type { Duplex } from 'node:stream'
import { SockctlError } from '../../../errors.ts'
import { Dialogue, Refused } from './dialogue.ts'
import { ftp } from './ftp.ts'
import { imap } from './imap.ts'
import { ldap } from './ldap.ts'
import { mysql } from './mysql.ts'
import { pop3 } from './pop3.ts'
import { postgres } from './postgres.ts'
import { smtp } from './smtp.ts'
import type { Starttls, StarttlsDialogue } from './types.ts'
import { xmpp } from './xmpp.ts'

/** The dialogue of each protocol. A new one is registered here. */
const DIALOGUES = {
  smtp,
  imap,
  pop3,
  ftp,
  ldap,
  postgres,
  mysql,
  xmpp,
} satisfies Record<Starttls, StarttlsDialogue>

/**
 * Has the plain words of a protocol with a server, up to where TLS begins.
 *
 * @throws ERR_PROTOCOL when the server does not offer TLS, or speaks another protocol
 */
export async function startTls(
  duplex: Duplex,
  protocol: Starttls,
  { peer, host }: { readonly peer: string; readonly host: string },
): Promise<void> {
  const dialogue = new Dialogue(duplex)
  try {
    await DIALOGUES[protocol](dialogue, host)
    dialogue.end()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const text = `no TLS with ${peer} by --starttls ${protocol}: ${error.message}`
    throw new SockctlError('ERR_PROTOCOL', text)
  }
}
