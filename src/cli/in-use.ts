import { type Address, inetAddress } from '../address.ts'
import { SockctlError } from '../errors.ts'
import { addressHolder, standsOn } from '../inspect/explain/address-holder.ts'
import { localPortFilter } from '../inspect/select/kernel-filter.ts'
import { ALL_STATES } from '../inspect/select/states.ts'
import { takeSnapshot } from '../inspect/snapshot.ts'
import { userNames } from '../inspect/users.ts'
import { shellWord } from '../inspect/views/shell-word.ts'

/**
 * Puts who holds the address into an ERR_IN_USE, because we can look. Any other error stays as it
 * is, and so does this one when looking fails. Always throws.
 */
export async function nameHolder(error: unknown): Promise<never> {
  const inUse = error instanceof SockctlError && error.code === 'ERR_IN_USE' ? error : undefined
  const address = inUse === undefined ? undefined : addressOf(inUse.cause)
  if (inUse === undefined || address === undefined) throw error
  const holder = await lookFor(address, protocolOf(inUse.cause)).catch(() => undefined)
  const target = address.family === 'unix' ? shellWord(`unix:${address.path}`) : address.port
  throw inUse.withHints(
    holder ?? 'No socket that can be seen here holds it.',
    `See: sockctl inspect ${target}`,
  )
}

/** The address that could not be bound, as Node puts it on its errors. */
function addressOf(cause: unknown): Address | undefined {
  if (!(cause instanceof Error) || !('address' in cause)) return undefined
  const address = String(cause.address)
  return 'port' in cause && Number(cause.port) > 0
    ? inetAddress(address, Number(cause.port))
    : { family: 'unix', path: address }
}

/** A stream is refused its address when it is to listen, a datagram socket when it is bound. */
function protocolOf(cause: unknown): 'tcp' | 'udp' {
  const isBind = cause instanceof Error && 'syscall' in cause && cause.syscall === 'bind'
  return isBind ? 'udp' : 'tcp'
}

/** Only what is on that port is read, and only its holders are looked for. */
async function lookFor(address: Address, protocol: 'tcp' | 'udp'): Promise<string | undefined> {
  const snapshot = await takeSnapshot({
    wanted: {
      protocols: new Set([address.family === 'unix' ? 'unix' : protocol]),
      families: new Set(['ipv4', 'ipv6', 'unix']),
      states: new Set(ALL_STATES),
      kernelFilter: address.family === 'unix' ? undefined : localPortFilter(address.port),
    },
    owners: record => standsOn(record, address),
    now: () => new Date(),
  })
  return addressHolder(snapshot, address, { uid: process.getuid?.(), userName: userNames() })
}
