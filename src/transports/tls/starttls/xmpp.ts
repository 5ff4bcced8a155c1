import { Refused } from './dialogue.ts'
import type { StarttlsDialogue } from './types.ts'

/** XMPP between a client and a server (RFC 6120 §5). */
export const xmpp: StarttlsDialogue = async (dialogue, host) => {
  const to = host.replace(/[<>&'"]/g, '')
  dialogue.say(
    `<?xml version='1.0'?><stream:stream to='${to}' version='1.0' xmlns='jabber:client' ` +
      `xmlns:stream='http://etherx.jabber.org/streams'>`,
  )
  const features = await dialogue.text(
    /<\/(?:stream:)?features>|<(?:stream:)?features\/>|<\/stream:stream>/,
  )
  if (!/<starttls\b/.test(features)) throw new Refused('it does not offer STARTTLS')
  dialogue.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
  const answer = await dialogue.text(/<(proceed|failure)\b[^>]*(?:\/>|>[\s\S]*?<\/\1>)/)
  if (!answer.includes('<proceed')) throw new Refused('it does not start TLS')
}
