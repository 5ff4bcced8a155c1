import { parseEndpoint } from '../../endpoint/parse.ts'
import { isSecure } from '../../endpoint/secure.ts'
import { usageError } from '../../errors.ts'
import { BALANCES, type Balance } from '../../handlers/forward/targets.ts'
import type { TlsDialOptions } from '../../transports/tls/types.ts'
import { parseDuration } from '../../units.ts'
import type { Context } from '../context.ts'
import { adviseOnUntrusted, readTrust } from './tls-options.ts'
import type { Note, OptionGroup } from './types.ts'

/** How `--forward` goes about it. */
export interface ForwardFlags {
  readonly balance?: Balance
  readonly health?: number
  readonly connectTimeout: number
  readonly forwardCa?: string
  readonly forwardInsecure?: true
}

/** The options of forwarding, and of proxies where they connect too. */
export const FORWARD_OPTIONS: OptionGroup = {
  title: 'Where --forward and the proxies connect to',
  options: [
    {
      flags: '--balance <how>',
      text: 'With several --forward: take turns, the fewest open, or by the address of the client',
      choices: BALANCES,
      defaultText: 'round-robin',
    },
    {
      flags: '--health <time>',
      text: 'Ask every target so often, and leave out those that do not answer',
      parse: parseDuration,
    },
    {
      flags: '--connect-timeout <time>',
      text: 'How long connecting to one may take',
      parse: parseDuration,
      defaultValue: 10_000,
      defaultText: '10s',
    },
    {
      flags: '--forward-ca <file>',
      text: 'With --forward tls:// and the like: trust the CAs in this file (PEM), and no others',
    },
    { flags: '--forward-insecure', text: 'Go on with a target that cannot be verified' },
  ],
}

/** What one has to know of targets under TLS. */
export const FORWARD_NOTE: Note = {
  title: 'Targets under TLS',
  text: `--forward tls://, wss:// and socketios:// verify the target, and so does --health: it has to show a certificate that is for the host, is valid now, and leads to a CA that Node knows, that NODE_EXTRA_CA_CERTS names, or that --forward-ca brings. If not, stderr says why and what to type, and the client is reset or gets another target. --forward-insecure goes on all the same, and says once of each target what is wrong with it. --cert, --key and the like are about our own end.`,
}

/**
 * Reads how targets are verified.
 *
 * @throws ERR_USAGE where none is under TLS; as `readTrust`
 */
export async function readForwardTls(
  {
    forward = [],
    forwardCa: ca,
    forwardInsecure: insecure,
  }: Pick<ForwardFlags, 'forwardCa' | 'forwardInsecure'> & { readonly forward?: readonly string[] },
  context: Context,
): Promise<TlsDialOptions> {
  const isAsked = ca !== undefined || insecure !== undefined
  if (isAsked && !forward.some(text => isSecure(parseEndpoint(text)))) {
    const option = ca === undefined ? '--forward-insecure' : '--forward-ca'
    throw usageError(`${option} goes with --forward tls://, wss:// or socketios://`)
  }
  const trust = await readTrust({ ca, insecure }, '--forward-insecure', context)
  return { side: 'target-client', ...trust, onPeer: trust.onPeer ?? adviseOnUntrusted(context) }
}
