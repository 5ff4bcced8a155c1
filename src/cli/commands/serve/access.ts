import { AllowList } from '../../../access/allow-list.ts'
import type { Credentials } from '../../../access/credentials.ts'
import { AddressLimiter } from '../../../access/limits.ts'
import { NetworkFiles } from '../../../access/network-files.ts'
import type { Address } from '../../../address.ts'
import { SockctlError, usageError } from '../../../errors.ts'
import type { ServeOptions, ServeSession } from '../../../session/serve.ts'
import { terminalText } from '../../../terminal-text.ts'
import type { Admit, ListenOptions } from '../../../transports/types.ts'
import type { Context } from '../../context.ts'
import type { AccessFlags } from '../access-options.ts'
import type { ServeProxyFlags } from '../proxy-options.ts'

/** Who may come in, and how that changes. */
export interface AccessPlan {
  readonly listen: Pick<
    ListenOptions,
    'acceptProxy' | 'admit' | 'credentials' | 'authMs' | 'handshakeMs'
  >
  readonly mayStay?: NonNullable<ServeOptions['mayStay']>
  /**
   * Reads the files again, and with --recheck ends the conversations with those who may no longer be
   * in. Undefined: there are no files. Never throws: says on stderr what is wrong with them.
   */
  readonly reload: ((session: Pick<ServeSession, 'recheck'>) => void) | undefined
}

type Flags = AccessFlags &
  Pick<ServeProxyFlags, 'acceptProxy' | 'acceptProxyFrom'> & {
    readonly public?: true
    readonly quiet?: true
  }

/**
 * Turns the flags of who may come in into what a session needs.
 *
 * @throws ERR_USAGE on what does not go together; ERR_NOT_FOUND for a missing file or variable
 */
export async function readAccess(flags: Flags, context: Context): Promise<AccessPlan> {
  const { allow = [], deny = [], allowFile = [], denyFile = [] } = flags
  const networks = new NetworkFiles({ allow, deny, allowFiles: allowFile, denyFiles: denyFile })
  if (flags.recheck && !hasFiles(flags)) {
    throw usageError('--recheck goes with --allow-file or --deny-file')
  }
  // A unix socket's peer has no address: its file's permissions say who may in.
  const isAllowed = (remote: Address): boolean =>
    remote.family === 'unix' || networks.check(remote.host)
  const hasNetworks = hasFiles(flags) || allow.length + deny.length > 0
  return {
    listen: {
      acceptProxy: acceptsHeaders(flags),
      admit: readAdmit(flags, hasNetworks ? isAllowed : undefined),
      credentials: await readCredentials(flags, context),
      authMs: flags.authTimeout,
      handshakeMs: flags.handshakeTimeout,
    },
    ...(hasFiles(flags) ? { mayStay: isAllowed } : {}),
    reload: hasFiles(flags)
      ? session => {
          const isRead = reload(networks, flags, context)
          if (isRead && flags.recheck) session.recheck()
        }
      : undefined,
  }
}

/** Whether connections begin with headers of the PROXY protocol, and not from just anybody. */
function acceptsHeaders(flags: Flags): boolean {
  const { acceptProxyFrom, allow, allowFile } = flags
  const isAsked = flags.acceptProxy === true || acceptProxyFrom !== undefined
  const isOpen = (acceptProxyFrom ?? allow ?? allowFile) === undefined
  if (isAsked && isOpen && flags.public === true) {
    throw usageError(
      '--accept-proxy --public would let anyone on the network say who he is',
      'Say who may send the header: --accept-proxy-from 10.0.0.5',
    )
  }
  return isAsked
}

/** Whether something can be read again on SIGHUP. */
export function hasFiles({ allowFile, denyFile }: AccessFlags): boolean {
  return (allowFile ?? denyFile) !== undefined
}

function readAdmit(
  { maxConnsPerIp: maxConns, rateConns: rate, acceptProxyFrom }: Flags,
  isAllowed: ((remote: Address) => boolean) | undefined,
): Admit | undefined {
  const isLimited = maxConns !== undefined || rate !== undefined
  if (!isLimited && isAllowed === undefined && acceptProxyFrom === undefined) return undefined
  const limiter = new AddressLimiter({ maxConns, rate })
  const maySpeakForOthers = acceptProxyFrom === undefined ? isAllowed : among(acceptProxyFrom)
  return (remote, connection, isProxy = false) => {
    if ((isProxy ? maySpeakForOthers : isAllowed)?.(remote) === false) return 'denied'
    // All clients of a load balancer come from one address.
    return isProxy ? undefined : limiter.admit(remote, connection)
  }
}

function among(networks: readonly string[]): (remote: Address) => boolean {
  const list = new AllowList({ allow: networks, deny: [] })
  return remote => remote.family === 'unix' || list.check(remote.host)
}

function reload(networks: NetworkFiles, { quiet }: Flags, { stderr }: Context): boolean {
  try {
    networks.reload()
    if (quiet !== true) stderr.write('read again who may come in\n')
    return true
  } catch (error) {
    if (!(error instanceof SockctlError)) throw error
    stderr.write(`${terminalText(error.message)}; what held until now still holds\n`)
    return false
  }
}

/** What is checked by hashes and signatures is loaded only where it is asked for. */
async function readCredentials(flags: Flags, context: Context): Promise<Credentials | undefined> {
  const isAsked = (flags.token ?? flags.jwtSecret ?? flags.jwks) !== undefined
  if (isAsked) return (await import('./credentials.ts')).readCredentials(flags, context)
  const idle = IDLE_WITHOUT.find(([key]) => flags[key] !== undefined)
  if (idle === undefined) return undefined
  throw usageError(`${idle[1]} goes with --token, --jwt-secret or --jwks`)
}

const IDLE_WITHOUT = [
  ['jwtIssuer', '--jwt-issuer'],
  ['jwtAudience', '--jwt-audience'],
  ['authTimeout', '--auth-timeout'],
] as const
