import { usageError } from '../../errors.ts'
import type { ProxyServer } from '../../proxy/types.ts'
import type { TlsDialOptions } from '../../transports/tls/types.ts'
import type { Context } from '../context.ts'
import { readTrust } from './tls-options.ts'
import type { OptionDefinition } from './types.ts'

/** How a proxy under TLS is verified. What it carries has options of its own. */
export interface ProxyTlsFlags {
  readonly proxyCa?: string
  readonly proxyInsecure?: true
}

/** The options to the flags. */
export const PROXY_TLS_OPTIONS: readonly OptionDefinition[] = [
  {
    flags: '--proxy-ca <file>',
    text: 'With --proxy https://: trust the CAs in this file (PEM), and no others',
  },
  { flags: '--proxy-insecure', text: 'Go on with a proxy that cannot be verified' },
]

/**
 * Reads how a proxy is verified. Undefined: nothing is said of it.
 *
 * @throws ERR_USAGE where the proxy is not under TLS; ERR_NOT_FOUND, ERR_DENIED for a file
 */
export async function readProxyTls(
  { proxyCa, proxyInsecure: insecure }: ProxyTlsFlags,
  proxy: ProxyServer | undefined,
  context: Context,
): Promise<TlsDialOptions | undefined> {
  if (proxyCa === undefined && insecure === undefined) return undefined
  if (proxy?.scheme !== 'https') {
    const option = proxyCa === undefined ? '--proxy-insecure' : '--proxy-ca'
    throw usageError(`${option} goes with --proxy https://host`)
  }
  return readTrust({ ca: proxyCa, insecure }, '--proxy-insecure', context)
}
