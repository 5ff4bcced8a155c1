/**
 * sockctl as a library: transports make channels, layers change them, handlers use them; snapshots
 * tell what sockets the machine has. Everything that can fail throws a `SockctlError` with a code.
 *
 * @packageDocumentation
 */

export { type AccessRules, AllowList } from './access/allow-list.ts'
export {
  type Admitted,
  anyOf,
  type Credentials,
  type NotAdmitted,
  type Verdict,
} from './access/credentials.ts'
export { type JwtSettings, jwtCredentials } from './access/jwt.ts'
export { type KeySet, openKeySet } from './access/key-set.ts'
export { AddressLimiter, type AddressLimits } from './access/limits.ts'
export { parseTokens, type Token, tokenCredentials } from './access/token.ts'
export { type Address, formatAddress, type InetAddress, type UnixAddress } from './address.ts'
export { FRAMINGS, type Framing } from './channel/framing.ts'
export { join } from './channel/join.ts'
export { asMessages, asStream } from './channel/reframe.ts'
export type { Channel, Message } from './channel/types.ts'
export { type Passage, type Transit, wrap } from './channel/wrap.ts'
export { formatEndpoint } from './endpoint/format.ts'
export { parseEndpoint, parseEndpoints } from './endpoint/parse.ts'
export type {
  DescriptorEndpoint,
  Endpoint,
  InetEndpoint,
  Scheme,
  UnixEndpoint,
  WebEndpoint,
} from './endpoint/types.ts'
export { type ErrorCode, SockctlError } from './errors.ts'
export { type AttachSettings, attach } from './handlers/attach.ts'
export { chargen } from './handlers/chargen.ts'
export { discard } from './handlers/discard.ts'
export { echo } from './handlers/echo.ts'
export { type ExecSettings, exec } from './handlers/exec.ts'
export type { Balance } from './handlers/forward/targets.ts'
export { type ForwardSettings, forward } from './handlers/forward.ts'
export { hang } from './handlers/hang.ts'
export { httpProxy } from './handlers/http-proxy.ts'
export type { ProxySettings } from './handlers/proxy/settings.ts'
export { type RelaySettings, relay } from './handlers/relay.ts'
export { reply } from './handlers/reply.ts'
export { socksProxy } from './handlers/socks-proxy.ts'
export type { DialWishes, Handler, HandlerContext, HandlerSession } from './handlers/types.ts'
export type { Family, NetlinkEnd, PacketEnd, SocketEnd, VsockEnd } from './inspect/ends.ts'
export { type SnapshotRequest, takeSnapshot } from './inspect/snapshot.ts'
export type {
  IpDetails,
  Shutdown,
  SocketMemory,
  TcpDetails,
  TcpInfo,
} from './inspect/socket-details.ts'
export type {
  Detail,
  NetworkNamespace,
  Owner,
  Protocol,
  Snapshot,
  SocketRecord,
  SocketState,
  SocketTimer,
  SourceName,
  UnixDetails,
  Wanted,
  Warning,
} from './inspect/types.ts'
export { firstByte } from './layers/first-byte.ts'
export { hexdump } from './layers/hexdump.ts'
export { idleTimeout } from './layers/idle-timeout.ts'
export { maxBytes } from './layers/max-bytes.ts'
export { throttle } from './layers/throttle.ts'
export type { Layer } from './layers/types.ts'
export { TargetList } from './proxy/target-list.ts'
export type { ProxyLogin, ProxyServer, ProxyTarget } from './proxy/types.ts'
export { type Member, Room } from './relay/room.ts'
export type { SlowConsumerSettings, SlowPolicy } from './relay/slow-consumer.ts'
export type { SessionEvent } from './session/events.ts'
export { type ServeOptions, type ServeSession, serve } from './session/serve.ts'
export { dial, listen } from './transports/index.ts'
export type { Announced, HeaderEnds, HeaderVersion } from './transports/proxy-protocol/types.ts'
export {
  type CertificateRequest,
  type IssuedCertificate,
  issueCertificate,
} from './transports/tls/issue-certificate.ts'
export type { Starttls } from './transports/tls/starttls/types.ts'
export type {
  TlsDialOptions,
  TlsListenOptions,
  TlsOptions,
  TlsPeer,
  TlsVersion,
} from './transports/tls/types.ts'
export type {
  AcceptTrouble,
  Admit,
  DialAttempt,
  DialOptions,
  Listener,
  ListenOptions,
  Refusal,
  RefusalReason,
} from './transports/types.ts'
export { TurnedAway, type Upgrade, UpgradingListener } from './transports/upgrading-listener.ts'
