import type { InetEndpoint } from '../endpoint/types.ts'
import { dialTls } from './tls/dial.ts'
import { listenTls } from './tls/listen.ts'
import type { Transport } from './types.ts'

/** TLS 1.0 to 1.3 (RFC 8446) over TCP, by Node's OpenSSL. Loaded on use: it brings node:tls. */
export const tls = { dial: dialTls, listen: listenTls } satisfies Transport<InetEndpoint>
