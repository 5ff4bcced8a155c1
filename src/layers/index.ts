import { crlf } from './crlf.ts'
import { firstByte } from './first-byte.ts'
import { hexdump } from './hexdump.ts'
import { idleTimeout } from './idle-timeout.ts'
import { maxBytes } from './max-bytes.ts'
import { throttle } from './throttle.ts'
import type { LayerFactory } from './types.ts'

/** Every layer. A new one is registered here; the commands that offer it put it on a channel. */
export const LAYERS = {
  idleTimeout,
  firstByte,
  maxBytes,
  throttle,
  crlf,
  hexdump,
} satisfies Record<string, LayerFactory>
