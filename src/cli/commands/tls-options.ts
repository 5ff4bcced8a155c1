import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type SockctlError, systemError, usageError } from '../../errors.ts'
import { terminalText } from '../../terminal-text.ts'
import {
  TLS_VERSIONS,
  type TlsDialOptions,
  type TlsOptions,
  type TlsPeer,
  type TlsVersion,
} from '../../transports/tls/types.ts'
import type { Context } from '../context.ts'
import { optionName } from '../option-name.ts'
import { readSecret } from '../secret.ts'
import type { OptionDefinition } from './types.ts'

/** The flags about TLS that mean the same for who listens and who dials. */
export interface TlsFlags {
  readonly tls?: true
  readonly ssl?: true
  readonly cert?: string
  readonly key?: string
  readonly alpn?: readonly string[]
  readonly tlsMin?: TlsVersion
  readonly tlsMax?: TlsVersion
  readonly ciphers?: string
  readonly keylog?: string
}

/** The options to the flags, but for --tls itself. */
export const TLS_OPTIONS: readonly OptionDefinition[] = [
  { flags: '--cert <file>', text: 'Our certificate and those behind it (PEM)' },
  { flags: '--key <file>', text: 'The key of --cert (PEM); also env:NAME' },
  {
    flags: '--alpn <names>',
    text: 'Protocols to agree on, as h2,http/1.1',
    parse: parseProtocols,
  },
  { flags: '--tls-min <version>', text: 'The oldest version to take', choices: TLS_VERSIONS },
  { flags: '--tls-max <version>', text: 'The newest version to take', choices: TLS_VERSIONS },
  { flags: '--ciphers <list>', text: 'Ciphers to take, as OpenSSL writes them' },
  { flags: '--keylog <file>', text: 'Write the secrets there, for Wireshark' },
  { flags: '--ssl', text: 'As in ncat: the same as --tls', hidden: true },
]

/** A list of names of ALPN (RFC 7301 §3.1): 1 to 255 bytes each. */
function parseProtocols(text: string): readonly string[] {
  const names = text.split(',')
  if (names.some(name => name === '' || Buffer.byteLength(name) > 255)) {
    throw usageError(`not a list of protocols: "${text}"`, 'Write h2,http/1.1')
  }
  return names
}

/** Whether TLS was asked for, by the endpoint or not. */
export function asksForTls({ tls, ssl }: TlsFlags): boolean {
  return tls === true || ssl === true
}

/**
 * Reads the files and flags that both sides have.
 *
 * @throws ERR_USAGE when one is without the other; ERR_NOT_FOUND, ERR_DENIED for a file
 */
export async function readTlsOptions(flags: TlsFlags, context: Context): Promise<TlsOptions> {
  const { cert, key, alpn, tlsMin, tlsMax, ciphers, keylog } = flags
  if ((cert === undefined) !== (key === undefined)) {
    throw usageError(cert === undefined ? '--key goes with --cert' : '--cert goes with --key')
  }
  if (tlsMin !== undefined && tlsMax !== undefined && tlsMin > tlsMax) {
    throw usageError(`--tls-min ${tlsMin} is newer than --tls-max ${tlsMax}`)
  }
  return {
    cert: cert === undefined ? undefined : await readCertificates(cert),
    key: key === undefined ? undefined : await readKey(key, context),
    alpn,
    minVersion: tlsMin,
    maxVersion: tlsMax,
    ciphers,
    onKeys: keylog === undefined ? undefined : keyLog(keylog),
  }
}

/**
 * Reads certificates, which anybody may see.
 *
 * @throws ERR_NOT_FOUND, ERR_DENIED; ERR_USAGE when there is none in it
 */
export async function readCertificates(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(error => {
    throw systemError(`cannot read ${file}`, error)
  })
  const { parseCertificates } = await import('../../transports/tls/certificate.ts')
  parseCertificates(text, file)
  return text
}

/**
 * Reads whom one trusts: the CAs of a file, or anybody, which is then said.
 *
 * @param option by which one goes on with whom one does not trust
 * @throws ERR_NOT_FOUND, ERR_DENIED for a file; ERR_USAGE when there is no certificate in it
 */
export async function readTrust(
  { ca, insecure }: { readonly ca?: string | undefined; readonly insecure?: true | undefined },
  option: string,
  context: Pick<Context, 'stderr'>,
): Promise<Pick<TlsDialOptions, 'ca' | 'insecure' | 'onPeer'>> {
  return {
    ca: ca === undefined ? undefined : await readCertificates(ca),
    insecure,
    onPeer: insecure && warnOfUntrusted(option, context),
  }
}

/** Says of a peer with which one goes on all the same why it is not trusted: each reason once. */
function warnOfUntrusted(
  option: string,
  { stderr }: Pick<Context, 'stderr'>,
): (peer: TlsPeer) => void {
  return onceEach(({ message }) => {
    stderr.write(`${terminalText(`not verified (${option}): ${message}`)}\n`)
  })
}

/** Says what to type about a peer that is not trusted, where the log has room for the reason only. */
export function adviseOnUntrusted({ stderr }: Pick<Context, 'stderr'>): (peer: TlsPeer) => void {
  return onceEach(({ message, hints }) => {
    stderr.write(`${[message, ...hints].map(terminalText).join('\n  ')}\n`)
  })
}

function onceEach(tell: (failure: SockctlError) => void): (peer: TlsPeer) => void {
  const told = new Set<string>()
  return ({ failure }) => {
    if (failure === undefined || told.has(failure.message)) return
    told.add(failure.message)
    tell(failure)
  }
}

/** A word that names no place is a file: a key is too long to be typed. */
function readKey(place: string, context: Context): Promise<string> {
  const secret = /^(?:env|file):/.test(place) ? place : `file:${place}`
  return readSecret(secret, context, { name: '--key' })
}

/**
 * The options that were given and mean nothing without TLS.
 *
 * @throws ERR_USAGE that names the first
 */
export function rejectWithoutTls(
  flags: TlsFlags,
  alsoNeeded: Readonly<Record<string, unknown>>,
): void {
  const { cert, key, alpn, tlsMin, tlsMax, ciphers, keylog } = flags
  const given = { cert, key, alpn, tlsMin, tlsMax, ciphers, keylog, ...alsoNeeded }
  const [name] = Object.entries(given).find(([, value]) => value !== undefined) ?? []
  if (name === undefined) return
  throw usageError(`${optionName(name)} goes with --tls, or a tls:// endpoint`)
}

/** Only we may read it: who has it can decrypt what was recorded. */
function keyLog(file: string): (line: Buffer) => void {
  const append = (text: string | Buffer): void => appendFileSync(file, text, { mode: 0o600 })
  try {
    append('')
  } catch (error) {
    throw systemError(`cannot write the key log ${file}`, error)
  }
  return append
}
