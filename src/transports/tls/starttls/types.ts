import type { Dialogue } from './dialogue.ts'

/*
 * Many a protocol begins in plain words and changes to TLS on demand. A member of this folder is the
 * dialogue of one protocol up to there; `index.ts` is the table by name.
 */

/** The protocols whose dialogue is known. */
export type Starttls = 'smtp' | 'imap' | 'pop3' | 'ftp' | 'ldap' | 'postgres' | 'mysql' | 'xmpp'

/**
 * Leads a dialogue to the point where TLS begins, and not a byte further.
 *
 * @throws Refused when the server does not offer it; what `Dialogue` throws
 */
export type StarttlsDialogue = (dialogue: Dialogue, host: string) => Promise<void>
