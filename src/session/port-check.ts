import type { InetAddress } from '../address.ts'
import type { Endpoint } from '../endpoint/types.ts'
import { SockctlError } from '../errors.ts'
import { dial } from '../transports/index.ts'
import { resolveHost } from '../transports/resolve.ts'
import type { DialAttempt, DialOptions } from '../transports/types.ts'

/** What came of one port (or unix socket): no error means that somebody listens there. */
export interface PortResult {
  readonly endpoint: Endpoint
  /** Each literal address that was tried, in the order in which they settled. */
  readonly attempts: readonly DialAttempt[]
  readonly error: SockctlError | undefined
}

export interface PortCheckOptions {
  readonly dial: DialOptions
  /** How many are tried at a time. */
  readonly parallel: number
  /** Told about each as soon as it and all before it are known. */
  onResult(result: PortResult): void
}

/**
 * Connects to each endpoint and leaves again without a byte (the zero-I/O mode of nc). Names are
 * looked up once. The results come in the order of the endpoints.
 *
 * @throws ERR_NOT_FOUND when a host is unknown
 */
export async function checkPorts(
  endpoints: readonly Endpoint[],
  options: PortCheckOptions,
): Promise<readonly PortResult[]> {
  // Through a proxy it is not always here that names are looked up.
  const resolve =
    options.dial.proxy === undefined ? await resolveOnce(endpoints, options.dial) : undefined
  const results: PortResult[] = []
  let started = 0
  let told = 0
  const work = async (): Promise<void> => {
    for (;;) {
      const index = started++
      const endpoint = endpoints[index]
      if (endpoint === undefined) return
      results[index] = await checkPort(endpoint, { ...options.dial, resolve })
      for (let next = results[told]; next !== undefined; next = results[++told]) {
        options.onResult(next)
      }
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, work))
  return results
}

async function checkPort(endpoint: Endpoint, options: DialOptions): Promise<PortResult> {
  const attempts: DialAttempt[] = []
  const onAttempt = (attempt: DialAttempt): unknown => attempts.push(attempt)
  try {
    const { duplex } = await dial(endpoint, { ...options, onAttempt })
    duplex.on('error', () => {})
    duplex.destroy()
    return { endpoint, attempts, error: undefined }
  } catch (error) {
    if (!(error instanceof SockctlError)) throw error
    return { endpoint, attempts, error }
  }
}

/** A thousand ports of one host are one look-up. */
async function resolveOnce(
  endpoints: readonly Endpoint[],
  options: DialOptions,
): Promise<(host: string, port: number) => readonly InetAddress[]> {
  const known = new Map<string, readonly InetAddress[]>()
  for (const endpoint of endpoints) {
    if (!('host' in endpoint)) continue
    const { host = 'localhost' } = endpoint
    if (!known.has(host)) known.set(host, await resolveHost(host, 0, options))
  }
  return (host, port) => (known.get(host) ?? []).map(address => ({ ...address, port }))
}
