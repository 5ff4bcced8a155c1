import { refusal } from './dialogue.ts'
import type { StarttlsDialogue } from './types.ts'

/** IMAP (RFC 9051 §6.2.1). */
export const imap: StarttlsDialogue = async dialogue => {
  const greeting = await dialogue.line()
  if (!/^\* (?:OK|PREAUTH)\b/i.test(greeting)) {
    throw refusal('it does not greet as IMAP does', greeting)
  }
  dialogue.say('a1 STARTTLS\r\n')
  for (;;) {
    const line = await dialogue.line()
    if (/^a1 OK\b/i.test(line)) return
    // Lines without our tag are about something else.
    if (!line.startsWith('* ')) throw refusal('it does not offer STARTTLS', line)
  }
}
