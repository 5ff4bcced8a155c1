import type { InetAddress } from '../../address.ts'

/*
 * Datagrams: single messages of UDP (RFC 768), each with a sender and a receiver of its own. There
 * is no connection, no receipt and no order; what is kept here is who said what to which socket.
 */

/**
 * The most that one datagram carries: 65,535 bytes less the headers of IPv4 and UDP (RFC 791, 768).
 * IPv6 would take 20 more, which is of no use where the family is not known beforehand.
 */
export const LARGEST_DATAGRAM_BYTES = 65_507

/** One that has arrived. */
export interface Datagram {
  /** Counts from 1 in the order of arrival. */
  readonly id: number
  readonly data: Buffer
  readonly remote: InetAddress
  /** The socket that it came to; on a wildcard socket the host is `0.0.0.0` or `::`. */
  readonly local: InetAddress
}

/** Sizes of the kernel's buffers of a socket (SO_RCVBUF and SO_SNDBUF of socket(7)). */
export interface BufferSizes {
  readonly receiveBytes?: number | undefined
  readonly sendBytes?: number | undefined
}
