import { tokenCredentials } from '../../../access/token.ts'
import type { Endpoint } from '../../../endpoint/types.ts'
import { usageError } from '../../../errors.ts'
import type { ProxySettings } from '../../../handlers/proxy/settings.ts'
import { TargetList } from '../../../proxy/target-list.ts'
import type { Context } from '../../context.ts'
import { mayBeReached } from '../../exposure.ts'
import { readSecret } from '../../secret.ts'
import type { ServeFlags } from '../serve.ts'

/** What our proxy is served with, and what is said of it where it starts. */
export interface ProxyPlan {
  readonly settings: ProxySettings
  /** For people, behind its name: empty, or where it does not lead. */
  readonly remark: string
}

/**
 * Reads whom our proxy serves, and where it leads. One that others can reach does not lead to this
 * machine itself, unless --proxy-to does.
 *
 * @throws ERR_USAGE; as `readSecret`
 */
export async function readProxySettings(
  flags: ServeFlags,
  endpoints: readonly Endpoint[],
  context: Context,
): Promise<ProxyPlan> {
  const { proxyTo } = flags
  const sparesThisMachine = mayBeReached(endpoints, flags.public)
  const isOpen = sparesThisMachine && proxyTo === undefined
  return {
    settings: {
      targets: proxyTo && new TargetList(proxyTo),
      sparesThisMachine,
      mayIn: await readLogin(flags, context),
    },
    remark: isOpen ? ', but to nothing on this machine,' : '',
  }
}

async function readLogin(
  { proxyAuth, quiet }: ServeFlags,
  context: Context,
): Promise<ProxySettings['mayIn']> {
  if (proxyAuth === undefined) return undefined
  const secret = await readSecret(proxyAuth, context, { name: '--proxy-auth', quiet })
  if (!secret.includes(':')) {
    throw usageError('--proxy-auth: the secret has to be user:password')
  }
  const credentials = tokenCredentials([{ name: undefined, secret }])
  return async ({ user, password }) => (await credentials.check(`${user}:${password}`)).isAdmitted
}
