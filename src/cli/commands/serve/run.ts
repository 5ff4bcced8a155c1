import { formatEndpoint } from '../../../endpoint/format.ts'
import { isSecure } from '../../../endpoint/secure.ts'
import type { Endpoint } from '../../../endpoint/types.ts'
import type { SessionEvent } from '../../../session/events.ts'
import { type ServeSession, serve } from '../../../session/serve.ts'
import { Announcement } from '../../announcement.ts'
import { loadPaint, wantsColor } from '../../color.ts'
import { limitCompanion, startCompanion } from '../../companion.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { exposureWarning } from '../../exposure.ts'
import { nameHolder } from '../../in-use.ts'
import { humanLog, jsonLog } from '../../session-log.ts'
import { untilOver } from '../../shutdown.ts'
import { type TrustFile, writeTrustFile } from '../../trust-file.ts'
import type { ServeFlags } from '../serve.ts'
import type { Invocation } from '../types.ts'
import { hasFiles } from './access.ts'
import { readServeOptions } from './options.ts'
import { describeMade } from './tls.ts'

/** Runs `sockctl serve`: listens, tells everybody who wants to know, and waits for the end. */
export async function runServe(
  invocation: Invocation<ServeFlags>,
  context: Context,
): Promise<number> {
  const { words, command, flags } = invocation
  const { title, options, reload, certificate } = await readServeOptions(words, flags, context)
  const log = await createLog(flags, context)
  const announcement = new Announcement(flags)
  const session = await serve({ ...options, onEvent: log }).catch(nameHolder)
  // From here on signals are ours: whoever is told that we listen may stop us at once.
  const hangUp = reload && (() => reload(session))
  const over = untilOver(session, context, hangUp)
  let trust: TrustFile | undefined
  try {
    trust = certificate && writeTrustFile(certificate.ca, context.env.NODE_EXTRA_CA_CERTS)
    if (flags.json && certificate && trust) {
      const { names, fingerprint: sha256, notAfter } = certificate
      const log = jsonLog(context.stdout, context.now)
      log({ event: 'certificate', names, sha256, notAfter, caFile: trust.path })
    }
    announcement.publish(session.addresses)
    if (flags.quiet !== true) {
      greet(title, session, context)
      if (certificate && trust) {
        context.stderr.write(`${describeMade(certificate, trust.path, portOf(session))}\n`)
      }
    }
    if (command.length > 0) {
      const env: Readonly<Record<string, string>> =
        trust === undefined
          ? {}
          : { SOCKCTL_CA_FILE: trust.path, NODE_EXTRA_CA_CERTS: trust.extraPath }
      return await runWithCompanion(session, { ...invocation, env }, context)
    }
    const timer = flags.for === undefined ? undefined : setTimeout(() => session.stop(), flags.for)
    const code = await over
    clearTimeout(timer)
    return code ?? EXIT_CODES.ok.code
  } finally {
    session.abandon()
    announcement.withdraw()
    trust?.remove()
  }
}

function portOf({ endpoints }: ServeSession): number {
  const endpoint = endpoints.find(isSecure)
  return endpoint !== undefined && 'port' in endpoint ? endpoint.port : 0
}

/** The server lives as long as the command; what asks us to stop is passed on to it. */
async function runWithCompanion(
  session: ServeSession,
  {
    command,
    flags,
    env,
  }: Invocation<ServeFlags> & { readonly env: Readonly<Record<string, string>> },
  context: Context,
): Promise<number> {
  const [endpoint] = session.endpoints
  if (endpoint === undefined) throw new Error('a session without an address')
  const companion = await startCompanion(command, endpoint, env)
  if (flags.for !== undefined) {
    limitCompanion(companion, {
      afterMs: flags.for,
      graceMs: flags.grace,
      onTime: () => {
        if (flags.quiet !== true) context.stderr.write(`time is up: stopping ${command[0]}\n`)
      },
    })
  }
  await untilOver(
    {
      over: companion.over,
      stop: () => companion.kill('SIGTERM'),
      abandon: () => companion.kill('SIGKILL'),
    },
    context,
    // Where the session reads files again on SIGHUP, the command is not asked to end by it.
    hasFiles(flags) ? () => {} : undefined,
  )
  await session.stop()
  return companion.over
}

async function createLog(
  flags: ServeFlags,
  context: Context,
): Promise<(event: SessionEvent) => void> {
  if (flags.json === true) return jsonLog(context.stdout, context.now)
  if (flags.quiet === true) return () => {}
  const paint = await loadPaint(wantsColor(flags.color, context.stderr, context.env))
  return humanLog(context.stderr, paint)
}

function greet(title: string, { addresses, endpoints }: ServeSession, { stderr }: Context): void {
  stderr.write(`${title} on ${endpoints.map(formatStanding).join(' and ')}\n`)
  const scheme = endpoints.find(one => 'host' in one)?.scheme
  const warning = exposureWarning(addresses, scheme)
  if (warning !== undefined) stderr.write(`${warning}\n`)
}

/** An inherited unix socket may have no name. */
function formatStanding(endpoint: Endpoint): string {
  const isNameless = endpoint.scheme === 'unix' && endpoint.path === ''
  return isNameless ? 'unix:(unnamed)' : formatEndpoint(endpoint)
}
