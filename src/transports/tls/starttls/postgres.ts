import { Refused } from './dialogue.ts'
import type { StarttlsDialogue } from './types.ts'

/** PostgreSQL: an SSLRequest, and one byte in answer (its documentation, "SSL Session Encryption"). */
export const postgres: StarttlsDialogue = async dialogue => {
  dialogue.say(SSL_REQUEST)
  const answer = (await dialogue.bytes(1)).toString('latin1')
  if (answer === 'S') return
  throw new Refused(
    answer === 'N' ? 'it does not offer TLS' : 'it does not answer as PostgreSQL does',
  )
}

/** Its length, and the number that stands where others have the version of the protocol. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])
