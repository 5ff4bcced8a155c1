import { isSecure, secured } from '../../../endpoint/secure.ts'
import type { Endpoint } from '../../../endpoint/types.ts'
import { usageError } from '../../../errors.ts'
import type { TlsDialOptions, TlsPeer } from '../../../transports/tls/types.ts'
import type { Context } from '../../context.ts'
import type { ConnectTlsFlags } from '../connect-tls-options.ts'
import { asksForTls, readTlsOptions, readTrust, rejectWithoutTls } from '../tls-options.ts'

/**
 * The endpoint as `--tls` and `--starttls` have it.
 *
 * @throws ERR_USAGE for one that is not of TCP
 */
export function underTls(endpoint: Endpoint, flags: ConnectTlsFlags): Endpoint {
  if (!asksForTls(flags) && flags.starttls === undefined) return endpoint
  const under = secured(endpoint)
  if (!isSecure(under)) throw usageError('--tls is for TCP, and this endpoint is not of TCP')
  return under
}

/**
 * Reads what TLS is dialled with. Undefined: the endpoint is not under TLS.
 *
 * @param onPeer told who the peer is; who goes on with one that is not trusted is warned
 * @throws ERR_USAGE for what goes with TLS and stands without; ERR_NOT_FOUND, ERR_DENIED for files
 */
export async function readConnectTls(
  flags: ConnectTlsFlags,
  endpoint: Endpoint,
  { context, onPeer }: { readonly context: Context; readonly onPeer?: (peer: TlsPeer) => void },
): Promise<TlsDialOptions | undefined> {
  const { ca, insecure, tlsName, sni, starttls, showCert, expectCertDays } = flags
  if (!isSecure(endpoint)) {
    rejectWithoutTls(flags, { ca, insecure, tlsName, sni, showCert, expectCertDays })
    return undefined
  }
  if (starttls !== undefined && endpoint.scheme !== 'tls') {
    throw usageError(`--starttls is not for ${endpoint.scheme}://`)
  }
  const trust = await readTrust({ ca, insecure }, '--insecure', context)
  return {
    ...(await readTlsOptions(flags, context)),
    ...trust,
    name: tlsName,
    sni,
    starttls,
    onPeer(peer) {
      onPeer?.(peer)
      trust.onPeer?.(peer)
    },
  }
}
