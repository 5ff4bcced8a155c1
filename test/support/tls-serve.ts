import type { Sockctl, SpawnOptions } from './sockctl.ts'
import { startServe } from './sockctl.ts'

export interface TlsServe {
  readonly server: Sockctl
  readonly port: number
  /** The file with the CA of the certificate that it has made. */
  readonly ca: string
}

/** Starts `sockctl serve --tls` with a certificate of its own making. */
export async function startTlsServe(
  argv: readonly string[],
  options?: SpawnOptions,
): Promise<TlsServe> {
  const { server, port } = await startServe(['--tls', ...argv], options)
  const [, ca = ''] = await server.says('stderr', /--cacert (\S+)/)
  return { server, port, ca }
}
