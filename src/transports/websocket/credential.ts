import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Credentials, NotAdmitted, Admitted as Verdict } from '../../access/credentials.ts'
import { credentialOfRequest, type PresentedCredential } from '../../access/presented.ts'

/** Who is turned away is told after this time, whatever it was that took less: time tells nothing. */
const REFUSAL_MS = 50

/** Let in, and by what. */
export interface Admitted extends Verdict {
  readonly presented?: PresentedCredential | undefined
}

/** Checks the credential of a request, where one is asked for. Never rejects. */
export async function verdictOn(
  request: IncomingMessage,
  credentials: Credentials | undefined,
): Promise<Admitted | NotAdmitted> {
  const presented = credentialOfRequest(request)
  if (credentials === undefined) return { isAdmitted: true, presented }
  const untilTold = delay(REFUSAL_MS)
  const verdict: Admitted | NotAdmitted =
    presented === undefined
      ? { isAdmitted: false, why: 'it showed no credential' }
      : await credentials.check(presented.text)
  if (verdict.isAdmitted) return { ...verdict, presented }
  await untilTold
  return verdict
}

/** The path of a request as it can be told: what could be a credential is left out of its query. */
export function withoutCredential(url = '/'): string {
  const [path = '/', query] = url.split(/\?(.*)/s)
  if (query === undefined) return path
  const kept = query.split('&').filter(one => !/^(?:access_token|token)(?:=|$)/i.test(decoded(one)))
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`
}

/** A name may be written with escapes. */
function decoded(text: string): string {
  return new URLSearchParams(text).toString()
}
