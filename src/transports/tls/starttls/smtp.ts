import { Refused } from './dialogue.ts'
import { expectReply } from './replies.ts'
import type { StarttlsDialogue } from './types.ts'

/** SMTP (RFC 3207). */
export const smtp: StarttlsDialogue = async dialogue => {
  await expectReply(dialogue, '2', 'it does not greet as SMTP does')
  dialogue.say('EHLO localhost\r\n')
  const offers = await expectReply(dialogue, '2', 'it does not take EHLO')
  if (!offers.some(line => /^\d{3}[- ]STARTTLS\b/i.test(line))) {
    throw new Refused('it does not offer STARTTLS')
  }
  dialogue.say('STARTTLS\r\n')
  await expectReply(dialogue, '2', 'it does not start TLS')
}
