import type { Listener, ListenOptions } from './types.ts'

/** A listener that asks for the header of the PROXY protocol, where the options do. */
export async function withHeaders(listener: Listener, options: ListenOptions): Promise<Listener> {
  if (!options.acceptProxy) return listener
  const { acceptHeaders } = await import('./proxy-protocol/accept.ts')
  return acceptHeaders(listener, options)
}
