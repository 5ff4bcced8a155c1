import { Refused } from './dialogue.ts'
import type { StarttlsDialogue } from './types.ts'

/** LDAP (RFC 4511 §4.14): an extended operation, in BER. */
export const ldap: StarttlsDialogue = async dialogue => {
  dialogue.say(REQUEST)
  const [tag = 0, lengthByte = 0] = await dialogue.bytes(2)
  if (tag !== SEQUENCE) throw new Refused('it does not answer as LDAP does')
  const message = await dialogue.bytes(await lengthOf(lengthByte, count => dialogue.bytes(count)))
  const code = resultCode(message)
  if (code !== 0) throw new Refused(`it does not offer StartTLS (result code ${code ?? '?'})`)
}

/** LDAPMessage { messageID 1, extendedReq { requestName 1.3.6.1.4.1.1466.20037 } } */
const OID = Buffer.from('1.3.6.1.4.1.1466.20037')
const REQUEST = Buffer.concat([
  Buffer.from([0x30, OID.length + 7, 0x02, 1, 1, 0x77, OID.length + 2, 0x80, OID.length]),
  OID,
])

const SEQUENCE = 0x30
const EXTENDED_RESPONSE = 0x78
const ENUMERATED = 0x0a

async function lengthOf(first: number, read: (count: number) => Promise<Buffer>): Promise<number> {
  if (first < 0x80) return first
  const count = first & 0x7f
  // No more than a dialogue may be long: two bytes, which some pad to four.
  if (count === 0 || count > 4) throw new Refused('it does not answer as LDAP does')
  return (await read(count)).readUIntBE(0, count)
}

/** Of LDAPMessage { messageID, extendedResp { resultCode, ... } }. */
function resultCode(message: Buffer): number | undefined {
  const idEnd = 2 + (message[1] ?? 0)
  if (message[idEnd] !== EXTENDED_RESPONSE) return undefined
  const lengthByte = message[idEnd + 1] ?? 0
  const at = idEnd + 2 + (lengthByte < 0x80 ? 0 : lengthByte & 0x7f)
  return message[at] === ENUMERATED && message[at + 1] === 1 ? message[at + 2] : undefined
}
