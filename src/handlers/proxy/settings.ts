import type { TargetList } from '../../proxy/target-list.ts'
import type { LoginCheck } from '../../proxy/types.ts'

/** What a proxy is given. */
export interface ProxySettings {
  /** Who may use it. Default: everybody who comes in. */
  readonly mayIn?: LoginCheck | undefined
  /** What it connects to. Default: whatever is asked for. */
  readonly targets?: TargetList | undefined
  /** How long a client may take to say what it wants, in ms. Default: 10 s. */
  readonly requestMs?: number | undefined
}
