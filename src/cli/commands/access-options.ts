import { parseNetwork } from '../../access/allow-list.ts'
import { type Frequency, parseCount, parseDuration, parseFrequency } from '../../units.ts'
import type { Note, OptionDefinition, OptionGroup } from './types.ts'

/** Who may come in, as it is given on the command line. `access.ts` beside this file reads it. */
export interface AccessFlags {
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly allowFile?: readonly string[]
  readonly denyFile?: readonly string[]
  readonly recheck?: true
  readonly maxConnsPerIp?: number
  readonly rateConns?: Frequency
  readonly token?: readonly string[]
  readonly jwtSecret?: string
  readonly jwks?: string
  readonly jwtIssuer?: string
  readonly jwtAudience?: string
  readonly authTimeout?: number
  readonly handshakeTimeout?: number
  readonly firstByte?: number
}

/** Whose addresses may, for every command that hears others. */
export const NETWORK_OPTIONS: readonly OptionDefinition[] = [
  {
    flags: '--allow <network>',
    text: 'Only these addresses, as 10.0.0.0/8; repeatable',
    parse: parseNetwork,
    repeatable: true,
  },
  {
    flags: '--deny <network>',
    text: 'Not these, even if allowed; repeatable',
    parse: parseNetwork,
    repeatable: true,
  },
]

/** What every command that lets others in offers. */
export const ACCESS_OPTIONS: OptionGroup = {
  title: 'Who may come in',
  options: [
    ...NETWORK_OPTIONS,
    {
      flags: '--allow-file <file>',
      text: 'The same from a file, a network a line; SIGHUP reads it again',
      repeatable: true,
    },
    {
      flags: '--deny-file <file>',
      text: 'The same for those to keep out',
      repeatable: true,
    },
    { flags: '--recheck', text: 'On SIGHUP, also end those who are in and no longer may be' },
    {
      flags: '--max-conns-per-ip <n>',
      text: 'Connections at a time from one address (IPv6: one /64)',
      parse: parseCount,
    },
    {
      flags: '--rate-conns <n/time>',
      text: 'New connections from one address, as 10/s',
      parse: parseFrequency,
    },
    {
      flags: '--token <secret>',
      text: 'Who shows this token; env:NAME or file:path; repeatable',
      repeatable: true,
    },
    { flags: '--jwt-secret <secret>', text: 'Who shows a JWT signed with it (HS256, 384, 512)' },
    { flags: '--jwks <file|url>', text: 'Who shows a JWT signed with one of these keys' },
    { flags: '--jwt-issuer <text>', text: 'The issuer (iss) that a JWT must have' },
    { flags: '--jwt-audience <text>', text: 'The audience (aud) that a JWT must have' },
    {
      flags: '--auth-timeout <time>',
      text: 'How long a token or JWT may take to come',
      parse: parseDuration,
      defaultText: '5s',
    },
    {
      flags: '--handshake-timeout <time>',
      text: 'How long a handshake (TLS, WebSocket) may take',
      parse: parseDuration,
      defaultText: '10s',
    },
    {
      flags: '--first-byte <time>',
      text: 'End a connection that has said nothing for so long',
      parse: parseDuration,
    },
  ],
}

/** The other side of it: what we show where somebody else asks. */
export const CREDENTIAL_OPTION: OptionDefinition = {
  flags: '--token <secret>',
  text: 'Show this token or JWT first; env:NAME or file:path',
}

export const ACCESS_NOTE: Note = {
  title: 'Who may come in',
  text: `By its address: --deny wins over --allow, and where anything is allowed, everybody else stays out. A file has a network a line, and # begins a comment; one that is empty allows nobody. On SIGHUP the files are read again (without files SIGHUP stops the server, as ever; with them a terminal that closes does not). When one cannot be understood, stderr says in which line, and what held until then still holds. Who is in stays, unless --recheck. The peers of unix sockets have no addresses: for them the permissions of the file count.

By a token or JWT: the first line of a connection has to be one, alone or behind "Bearer ", within 8 KiB and --auth-timeout. What follows it is the conversation. Over WebSocket it is the header Authorization: Bearer, the parameter access_token or token, or the subprotocol that follows bearer. Where both tokens and JWTs are asked for, either will do. Who shows none, or a wrong one, is cut off without a word and always after the same time; why is in the log. Without TLS everybody on the way can read it, and use it.

A token is secret or name:secret; the name is the user in the log, the event open and SOCKCTL_USER of --exec. It may be shown with its name or without. A file may have several, one a line. A secret that stands on the command line can be seen by everybody on the machine (ps): write env:NAME or file:path. Where secrets come from the environment, the commands of --exec do not get those variables.

Who is turned away hears of it as his transport has it:

  for                    tcp, tls, unix    ws, wss     Socket.IO
  its address, or too    closed at once, before a byte is read
  many from there
  --max-conns            closed at once    HTTP 503    connect_error
  no token, or a wrong   closed, no word   HTTP 401    connect_error

A WebSocket that finds the last place taken while it shakes hands is closed with 1013 (try again later).

A JWT is checked for its signature, exp and nbf (30 s of leeway), and iss and aud where they are given. Which algorithms count is decided by the option, never by the token: with --jwt-secret HS256, HS384 and HS512, with --jwks RS, PS and ES with 256, 384 and 512, and EdDSA. Its sub is the user. Key sets come by https, or http from this machine; they are kept for ten minutes, and fetched at most every 30 s for the sake of a key that is not known.`,
}
