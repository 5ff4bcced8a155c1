import { refusal } from './dialogue.ts'
import type { StarttlsDialogue } from './types.ts'

/** POP3 (RFC 2595 §4). */
export const pop3: StarttlsDialogue = async dialogue => {
  const greeting = await dialogue.line()
  if (!greeting.startsWith('+OK')) throw refusal('it does not greet as POP3 does', greeting)
  dialogue.say('STLS\r\n')
  const answer = await dialogue.line()
  if (!answer.startsWith('+OK')) throw refusal('it does not offer STLS', answer)
}
