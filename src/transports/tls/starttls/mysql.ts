import { Refused } from './dialogue.ts'
import type { StarttlsDialogue } from './types.ts'

/**
 * MySQL and MariaDB: the server greets with what it is capable of, and an SSLRequest follows
 * (MySQL Source Code Documentation, "Connection Phase Packets").
 */
export const mysql: StarttlsDialogue = async dialogue => {
  const header = await dialogue.bytes(4)
  const greeting = await dialogue.bytes(header.readUIntLE(0, 3))
  if (greeting[0] === ERROR) {
    throw new Refused(`it turns us away (${greeting.toString('latin1', 3, 120)})`)
  }
  if (greeting[0] !== PROTOCOL) throw new Refused('it does not greet as MySQL does')
  // The name of the version, NUL; the id of the connection (4), a part of the salt (8), a filler (1).
  const at = greeting.indexOf(0, 1) + 1 + 4 + 8 + 1
  const capabilities = at + 2 <= greeting.length ? greeting.readUInt16LE(at) : 0
  if ((capabilities & CLIENT_SSL) === 0) throw new Refused('it does not offer TLS')
  dialogue.say(SSL_REQUEST)
}

const ERROR = 0xff
const PROTOCOL = 10
const CLIENT_PROTOCOL_41 = 0x0200
const CLIENT_SSL = 0x0800
const CLIENT_SECURE_CONNECTION = 0x8000
const UTF8 = 33

/** Packet 1, of 32 bytes: what we can, the longest packet, the character set, and nothing. */
const SSL_REQUEST = Buffer.alloc(4 + 32)
SSL_REQUEST.writeUIntLE(32, 0, 3)
SSL_REQUEST[3] = 1
SSL_REQUEST.writeUInt32LE(CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION, 4)
SSL_REQUEST.writeUInt32LE(2 ** 24, 8)
SSL_REQUEST[12] = UTF8
