import { parseNetwork } from '../../access/allow-list.ts'
import { usageError } from '../../errors.ts'
import { parseLogin, parseProxy, type WrittenProxy } from '../../proxy/parse.ts'
import { parseTargetRule } from '../../proxy/target-list.ts'
import type { ProxyServer } from '../../proxy/types.ts'
import type { HeaderVersion } from '../../transports/proxy-protocol/types.ts'
import type { DialOptions } from '../../transports/types.ts'
import type { Context } from '../context.ts'
import { readSecret } from '../secret.ts'
import { PROXY_TLS_OPTIONS, type ProxyTlsFlags, readProxyTls } from './proxy-tls-options.ts'
import type { Note, OptionDefinition, OptionGroup } from './types.ts'

/** What the options of going through a proxy are given. */
export interface ProxyFlags extends ProxyTlsFlags {
  readonly proxy?: string
  readonly sendProxy?: HeaderVersion
  readonly quiet?: true
}

/** Those of nc, too. */
export interface NcProxyFlags extends ProxyFlags {
  readonly proxyAuth?: string
  readonly proxyProtocol?: '4' | '5' | 'connect'
}

/** Announces who is really there, to who understands it. */
const SEND_PROXY_OPTION: OptionDefinition = {
  flags: '--send-proxy <version>',
  text: 'Begin with a PROXY protocol header: v1 or v2',
  parse: parseVersion,
}

/** How a connection goes through a proxy: `sockctl connect`. */
export const PROXY_OPTIONS: readonly OptionDefinition[] = [
  {
    flags: '-x, --proxy <url>',
    text: 'Through this: socks5://host, socks5h://, socks4://, socks4a://, http://, https://; env: as ALL_PROXY says',
  },
  {
    flags: '-X, --proxy-protocol <protocol>',
    text: 'As in nc, for -x host:port: 5, 4 or connect',
    choices: ['4', '5', 'connect'],
  },
  {
    flags: '--proxy-auth <secret>',
    text: 'user:password for the proxy, as env:NAME or file:path',
  },
  ...PROXY_TLS_OPTIONS,
  SEND_PROXY_OPTION,
]

/** Who may use our proxy, and for what; whom we tell who is there. */
export interface ServeProxyFlags extends ProxyFlags {
  readonly httpProxy?: true
  readonly socksProxy?: true
  readonly proxyAuth?: string
  readonly proxyTo?: readonly string[]
  readonly acceptProxy?: true
  readonly acceptProxyFrom?: readonly string[]
}

/** `sockctl serve`: being a proxy, going through one, and the PROXY protocol. */
export const SERVE_PROXY_OPTIONS: OptionGroup = {
  title: 'Proxies',
  options: [
    {
      flags: '--proxy-auth <secret>',
      text: 'user:password that clients of our proxy must show, as env:NAME or file:path',
    },
    {
      flags: '--proxy-to <target>',
      text: 'Our proxy connects only there: host:port, *.host, :port or a network; repeatable',
      parse: parseTargetRule,
      repeatable: true,
    },
    {
      flags: '-x, --proxy <url>',
      text: 'Connect through this: socks5://env:NAME@host, http://host:3128, https://, or env',
    },
    ...PROXY_TLS_OPTIONS,
    SEND_PROXY_OPTION,
    {
      flags: '--accept-proxy',
      text: 'Take only those that begin with a PROXY protocol header, and believe it',
    },
    {
      flags: '--accept-proxy-from <network>',
      text: 'The same, and only from these addresses; repeatable',
      parse: parseNetwork,
      repeatable: true,
    },
  ],
}

/** What one has to know of it. */
export const SERVE_PROXY_NOTE: Note = {
  title: 'Proxies',
  text: `--socks-proxy serves SOCKS 4, 4a and 5, --http-proxy serves CONNECT; both connect wherever a client asks, unless --proxy-to says where: a name is then looked up once, and must be named itself or have its address in a network of the list. A client has 10s to say what it wants. With --public they need --allow, a token, or --proxy-auth, as the networks behind this machine can be reached through them.

A proxy that others than this machine can reach (--public, or a host that is no loopback) does not connect to this machine itself: to loopbacks, link-local addresses (169.254.169.254, where clouds keep credentials) and its own. Names are looked up first, also with --proxy, and only an address that was judged is connected to. --proxy-to opens what it names: localhost:5432, 127.0.0.1:5432, 10.0.0.0/8. A rule for everything (:443, 0.0.0.0/0) or for many names (*.example.com) does not. Clients are told SOCKS reply 2, or 403.

--accept-proxy believes whoever connects, who can then say to be anybody; so --accept-proxy-from says who may: the load balancers. It stands in place of --allow and --deny for them, which are asked about the client that they tell. Without it --allow and --deny are asked for both, and --public needs one of them. The address that is told stands in the log, in the environment of --exec and in --send-proxy; --max-conns-per-ip and --rate-conns count the clients. Health checks and --send-proxy speak for nobody with UNKNOWN or LOCAL, and are let in as who they are: the load balancer.`,
}

/** What one has to know of it. */
export const PROXY_NOTE: Note = {
  title: 'Through a proxy',
  text: `--proxy socks5:// and socks4:// look names up here, socks5h://, socks4a:// and http:// (by CONNECT) have the proxy do it. https:// is the same as http://, under TLS: the proxy has to show a certificate that is for its host and leads to a CA that Node knows, that NODE_EXTRA_CA_CERTS names, or that --proxy-ca brings; --ca, --insecure and the like are about whom one talks to through it. Ports are 1080, 3128 for http:// and 443 for https://, where none is given. -x host:port with -X 5, 4 or connect is as in nc; without -X it is SOCKS 5, and the proxy looks names up. The variables ALL_PROXY and HTTPS_PROXY are read with --proxy env only. A password stands in a variable or a file: --proxy-auth env:NAME, or socks5://env:NAME@host. Exit code 4 means that the proxy is not there or could not reach the target, 6 that it refuses.

--send-proxy v1 or v2 tells the peer, before all else, who connects: the PROXY protocol of haproxy, which a server has to expect. With --proxy it is sent to the target.`,
}

const NC_SCHEMES = { '4': 'socks4', '5': 'socks5h', connect: 'http' } as const

/**
 * How one goes through the proxy that the flags ask for.
 *
 * @throws as `readProxy` and `readProxyTls`
 */
export async function readThrough(
  flags: NcProxyFlags,
  context: Context,
): Promise<Pick<DialOptions, 'proxy' | 'proxyTls'>> {
  const proxy = await readProxy(flags, context)
  return { proxy, proxyTls: await readProxyTls(flags, proxy, context) }
}

/**
 * The proxy that the flags ask for, and who we are there.
 *
 * @throws ERR_USAGE on what does not go together; as `readSecret`
 */
export async function readProxy(
  flags: NcProxyFlags,
  context: Context,
): Promise<ProxyServer | undefined> {
  const { proxy: text, proxyProtocol, proxyAuth, quiet } = flags
  if (text === undefined) {
    if (proxyProtocol !== undefined) throw usageError('-X goes with -x host:port')
    if (proxyAuth !== undefined) throw usageError('--proxy-auth goes with --proxy')
    return undefined
  }
  if (text === 'env') return proxyOfEnvironment(context.env)
  if (proxyProtocol !== undefined && text.includes('://')) {
    throw usageError('-X goes with -x host:port: the URL says it already')
  }
  const { userinfo, ...proxy } = parseProxy(text, proxyProtocol && NC_SCHEMES[proxyProtocol])
  const secret = proxyAuth ?? secretOf(userinfo)
  if (secret === undefined) return userinfo === undefined ? proxy : withLogin(proxy, userinfo)
  const use = { name: proxyAuth === undefined ? '--proxy' : '--proxy-auth', quiet }
  return withLogin(proxy, await readSecret(secret, context, use))
}

/** A user alone is no secret; a password in the URL could be seen by everybody. */
function secretOf(userinfo: string | undefined): string | undefined {
  if (userinfo === undefined || !userinfo.includes(':')) return undefined
  if (/^(?:env|file):/.test(userinfo)) return userinfo
  throw usageError(
    'a password in a URL can be seen by everybody on this machine (ps)',
    'Write --proxy-auth env:NAME, with user:password in NAME, or socks5://env:NAME@host.',
  )
}

function withLogin(proxy: Omit<WrittenProxy, 'userinfo'>, text: string): ProxyServer {
  return { ...proxy, login: parseLogin(text) }
}

/** What curl reads too. In there a user and a password are percent-encoded, and seen by nobody. */
function proxyOfEnvironment(env: Context['env']): ProxyServer | undefined {
  const names = ['ALL_PROXY', 'all_proxy', 'HTTPS_PROXY', 'https_proxy']
  const name = names.find(one => env[one] !== undefined && env[one] !== '')
  const text = env[name ?? '']
  if (text === undefined) {
    throw usageError('--proxy env: neither ALL_PROXY nor HTTPS_PROXY is set')
  }
  const { userinfo, ...proxy } = parseProxy(text, 'http')
  return userinfo === undefined ? proxy : withLogin(proxy, decode(userinfo))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function parseVersion(text: string): HeaderVersion {
  if (text === 'v1' || text === '1') return 1
  if (text === 'v2' || text === '2') return 2
  throw usageError(`not a version of the PROXY protocol: "${text}"`, 'Write v1 or v2.')
}
