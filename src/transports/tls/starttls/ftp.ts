import { expectReply } from './replies.ts'
import type { StarttlsDialogue } from './types.ts'

/** FTP (RFC 4217 §4). */
export const ftp: StarttlsDialogue = async dialogue => {
  await expectReply(dialogue, '2', 'it does not greet as FTP does')
  dialogue.say('AUTH TLS\r\n')
  await expectReply(dialogue, '2', 'it does not offer AUTH TLS')
}
