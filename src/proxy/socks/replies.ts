import type { ErrorCode } from '../../errors.ts'

/** What a SOCKS proxy may answer, in words, and what kind of failure that is. */
export interface SocksReply {
  readonly code: ErrorCode
  readonly words: string
}

/** The replies of RFC 1928 §6; 0 is success. */
export const SOCKS5_REPLIES: Readonly<Record<number, SocksReply>> = {
  1: { code: 'ERR_PROTOCOL', words: 'general failure' },
  2: { code: 'ERR_PROTOCOL', words: 'not allowed by its rules' },
  3: { code: 'ERR_REFUSED', words: 'network unreachable from there' },
  4: { code: 'ERR_REFUSED', words: 'host unreachable from there' },
  5: { code: 'ERR_REFUSED', words: 'connection refused by the target' },
  6: { code: 'ERR_TIMEOUT', words: 'no answer from the target in time' },
  7: { code: 'ERR_PROTOCOL', words: 'it does not do that' },
  8: { code: 'ERR_PROTOCOL', words: 'it does not know that kind of address' },
}

/** Those of SOCKS 4; 90 is success. It does not tell why it refuses. */
export const SOCKS4_REPLIES: Readonly<Record<number, SocksReply>> = {
  91: { code: 'ERR_REFUSED', words: 'refused or failed' },
  92: { code: 'ERR_PROTOCOL', words: 'it cannot ask identd who we are' },
  93: { code: 'ERR_PROTOCOL', words: 'identd tells another user than we do' },
}
