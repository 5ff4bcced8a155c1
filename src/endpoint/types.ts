/** Where to listen or dial, parsed from text. A union by scheme. */
export type Endpoint = InetEndpoint | WebEndpoint | UnixEndpoint | DescriptorEndpoint

export type Scheme = Endpoint['scheme']

/** `tcp://host:port`, `tls://`, `udp://`, and `:port`, `host:port`, `port` in everyday grammar. */
export interface InetEndpoint {
  readonly scheme: 'tcp' | 'tls' | 'udp'
  /**
   * A name or a literal without brackets. `localhost` always means both loopbacks.
   * Undefined: nothing was said; listening then means this machine only, dialling means localhost.
   */
  readonly host: string | undefined
  /** 0 asks for any free port. */
  readonly port: number
}

/** `ws://host:port/path`, `wss://`, `socketio://host:port/namespace`, `socketios://` (over TLS). */
export interface WebEndpoint {
  readonly scheme: 'ws' | 'wss' | 'socketio' | 'socketios'
  /** As in `InetEndpoint`. */
  readonly host: string | undefined
  /** 80, or 443 over TLS, where the text has none. 0 asks for any free port. */
  readonly port: number
  /** With its query: `/`, `/chat?room=1`. For Socket.IO the namespace. */
  readonly path: string
}

/** `unix:/path`, `unix:@abstract`. */
export interface UnixEndpoint {
  readonly scheme: 'unix'
  /** A file's path, or `@name` in the abstract namespace (Linux). */
  readonly path: string
}

/** `fd:3`: a listening socket that was inherited from the parent process. */
export interface DescriptorEndpoint {
  readonly scheme: 'fd'
  readonly fd: number
}
