import type { Farewell } from '../../channel/types.ts'

/** A server that stops, a page that is left. */
export const GOING_AWAY = 1001
/** The peer's close frame had no code. */
const NO_CODE = 1005
/** There was no close frame. */
export const ABNORMAL = 1006

/** Who is not let in. */
export const AGAINST_THE_RULES = 1008
/** There are too many. */
export const TRY_AGAIN_LATER = 1013

/** RFC 6455 §7.4.1, and the registry of IANA that it has made. */
const MEANINGS: Readonly<Record<number, string>> = {
  1000: 'normal',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'data of a kind that is not taken',
  1005: 'no code',
  1006: 'no close frame',
  1007: 'text that is not UTF-8',
  1008: 'against the rules of the server',
  1009: 'message too large',
  1010: 'an extension is missing',
  1011: 'internal error',
  1012: 'service restart',
  1013: 'try again later',
  1014: 'bad gateway',
}

/** Writes how a WebSocket was closed, for people: `1001 going away`, `4001: token expired`. */
export function formatFarewell({ code, reason }: Pick<Farewell, 'code' | 'reason'>): string {
  const meaning = MEANINGS[code]
  const known = meaning === undefined ? `${code}` : `${code} ${meaning}`
  return reason === '' ? known : `${known}: ${reason}`
}

/** Whether a peer that closes like this has done so in good order. */
export function isGoodFarewell({ code }: Pick<Farewell, 'code'>): boolean {
  return [1000, GOING_AWAY, NO_CODE].includes(code)
}
