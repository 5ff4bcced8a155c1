import type { Admit, Listener, ListenOptions } from './types.ts'

/** A listener that asks for the header of the PROXY protocol, where the options do. */
export async function withHeaders(listener: Listener, options: ListenOptions): Promise<Listener> {
  if (!options.acceptProxy) return listener
  const { acceptHeaders } = await import('./proxy-protocol/accept.ts')
  return acceptHeaders(listener, options)
}

/** What the sockets of such a listener are asked about first: proxies, who are not to be counted. */
export function admitAtSocket({ admit, acceptProxy }: ListenOptions): Admit | undefined {
  if (admit === undefined || !acceptProxy) return admit
  return (remote, connection) => admit(remote, connection, true)
}
