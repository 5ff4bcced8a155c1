import { isSecure, secured, unsecured } from '../../endpoint/secure.ts'
import type { WebEndpoint } from '../../endpoint/types.ts'
import type { DialOptions } from '../types.ts'
import { urlOf } from './url.ts'

/**
 * What to type where a server is asked in plain words and perhaps wants TLS: nothing where it is
 * under TLS already.
 *
 * @param isSure it has said so
 */
export function tryTls(endpoint: WebEndpoint, isSure: boolean): string[] {
  if (isSecure(endpoint)) return []
  const url = urlOf(secured(endpoint))
  return [isSure ? `Try: ${url}` : `If it speaks TLS: ${url}`]
}

/** Whether the text of an answer says that TLS is spoken there, as nginx, Apache and Go say it. */
export function asksForTls(text: string): boolean {
  return /\b(?:HTTPS|TLS|SSL)\b/i.test(text)
}

/** With what the carrier of an endpoint is dialled: it says without TLS what one would dial then. */
export function carrierOptions(endpoint: WebEndpoint, options: DialOptions): DialOptions {
  if (!isSecure(endpoint)) return options
  return { ...options, tls: { ...options.tls, plainUrl: urlOf(unsecured(endpoint)) } }
}
