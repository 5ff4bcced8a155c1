/** Where to listen or dial, parsed from text. A union by scheme. */
export type Endpoint = InetEndpoint | UnixEndpoint | DescriptorEndpoint

export type Scheme = Endpoint['scheme']

/** `tcp://host:port`, `udp://host:port`, and `:port`, `host:port`, `port` in everyday grammar. */
export interface InetEndpoint {
  readonly scheme: 'tcp' | 'udp'
  /**
   * A name or a literal without brackets. `localhost` always means both loopbacks.
   * Undefined: nothing was said; listening then means this machine only, dialling means localhost.
   */
  readonly host: string | undefined
  /** 0 asks for any free port. */
  readonly port: number
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
