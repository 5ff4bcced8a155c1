/** A port that many have met somebody on whom they did not expect. */
interface Squatter {
  readonly ports: readonly number[]
  readonly protocol: 'tcp' | 'udp' | 'any'
  readonly platforms: readonly NodeJS.Platform[]
  /** The names of the program, as the system tells them. */
  readonly program: RegExp
  /** Who that is, and how to have it leave. */
  readonly text: string
}

const ANYWHERE: readonly NodeJS.Platform[] = ['linux', 'darwin', 'win32', 'freebsd']

const SQUATTERS: readonly Squatter[] = [
  {
    ports: [5000, 7000],
    protocol: 'tcp',
    platforms: ['darwin'],
    program: /^(?:ControlCe|ControlCenter)/,
    text: 'the AirPlay Receiver of macOS: System Settings > General > AirDrop & Handoff turns it off',
  },
  {
    ports: [80, 443, 5985, 47001],
    protocol: 'tcp',
    platforms: ['win32'],
    program: /^System$/i,
    text: 'the HTTP service of Windows (http.sys): netsh http show servicestate tells for whom',
  },
  {
    ports: [53],
    protocol: 'any',
    platforms: ['linux'],
    program: /^systemd-resolve/,
    text: 'the name service of systemd: DNSStubListener=no in /etc/systemd/resolved.conf ends it',
  },
  {
    ports: [5353],
    protocol: 'udp',
    platforms: ANYWHERE,
    program: /^(?:avahi-daemon|mDNSResponder|chrome|chromium|firefox|spotify|Code)/i,
    text: 'multicast DNS, a port that programs share',
  },
  {
    ports: [631],
    protocol: 'any',
    platforms: ['linux', 'darwin'],
    program: /^cups/,
    text: 'CUPS, which prints',
  },
  {
    ports: [111],
    protocol: 'any',
    platforms: ['linux', 'freebsd'],
    program: /^(?:rpcbind|portmap)/,
    text: 'rpcbind, which NFS needs; systemd starts it again by rpcbind.socket',
  },
  {
    ports: [5037],
    protocol: 'tcp',
    platforms: ANYWHERE,
    program: /^adb/,
    text: 'the debug bridge of Android: adb kill-server ends it',
  },
  {
    ports: [6443, 2375, 2376],
    protocol: 'tcp',
    platforms: ANYWHERE,
    program: /^(?:com\.docker|docker|vpnkit|wslrelay)/i,
    text: 'Docker Desktop; on 6443 it is its Kubernetes, which its settings turn off',
  },
  {
    ports: [],
    protocol: 'tcp',
    platforms: ANYWHERE,
    program: /^(?:code|code-server|code-tunnel|Code Helper.*|cursor)$/i,
    text: 'an editor that forwards a port: its view "Ports" closes it',
  },
]

/**
 * Says who is known to sit on a port, when it is the one who is seen there; undefined otherwise.
 *
 * @param program the name of the process
 */
export function squatterOn(
  port: number,
  {
    protocol,
    platform,
    program,
  }: {
    readonly protocol: string
    readonly platform: NodeJS.Platform
    readonly program: string
  },
): string | undefined {
  return SQUATTERS.find(
    one =>
      (one.ports.length === 0 || one.ports.includes(port)) &&
      (one.protocol === 'any' || one.protocol === protocol) &&
      one.platforms.includes(platform) &&
      one.program.test(program),
  )?.text
}
