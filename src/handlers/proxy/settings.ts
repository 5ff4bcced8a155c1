import type { ReachRules } from '../../proxy/reach.ts'
import type { LoginCheck } from '../../proxy/types.ts'

/** What a proxy is given. */
export interface ProxySettings extends ReachRules {
  /** Who may use it. Default: everybody who comes in. */
  readonly mayIn?: LoginCheck | undefined
  /** How long a client may take to say what it wants, in ms. Default: 10 s. */
  readonly requestMs?: number | undefined
}
