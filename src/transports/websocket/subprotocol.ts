import { CREDENTIAL_PROTOCOL, type PresentedCredential } from '../../access/presented.ts'

/** Whether a peer that offers these can be answered. Who offers none takes none. */
export function hasSubprotocolFor(
  header: string | undefined,
  ours: readonly string[] = [],
): boolean {
  const offered = (header ?? '').split(',').map(one => one.trim())
  if (header === undefined || ours.length === 0 || offered[0] === CREDENTIAL_PROTOCOL) return true
  return offered.some(one => ours.includes(one))
}

/**
 * The subprotocol to answer with: the first of ours that is offered; the one beside which a credential
 * stood, for a browser takes no answer without one. Never the credential.
 */
export function chooseSubprotocol(
  offered: readonly string[],
  ours: readonly string[] = [],
  presented?: PresentedCredential,
): string | false {
  const possible = offered.filter(
    one => one !== presented?.text || presented.protocol === undefined,
  )
  return ours.find(one => possible.includes(one)) ?? presented?.protocol ?? false
}
