import { basename } from 'node:path'
import { portOf } from '../ends.ts'
import { standInOf } from '../owners/container/stand-in.ts'
import { formatPorts } from '../select/ports.ts'
import { engineOf } from '../views/stop-command.ts'
import type { DoorHolder } from './doors.ts'

/** Why a process is not stopped, and what to do instead. */
export interface Refusal {
  readonly kind: RefusalKind
  /** Goes on behind "not stopped: ". */
  readonly reason: string
  /** Commands to type. Undefined: there is none. */
  readonly instead: string | undefined
  /** Which engine may know the containers for which it holds its ports. */
  readonly engine?: 'docker' | 'podman'
}

export type RefusalKind =
  | 'init' // pid 0 or 1, a service manager: it keeps sockets for what it starts
  | 'ancestor' // sockctl itself, or what it runs in
  | 'session' // the ssh server of this session
  | 'stand-in' // it holds the port for containers
  | 'other-user'
  | 'hidden' // it may not be looked into, so that it cannot be told from another of its number
  | 'other-folder' // not below --expect-cwd

/** Who asks. */
export interface Asker {
  readonly uid: number | undefined
  /** The asking process, and all above it. */
  readonly chain: ReadonlySet<number>
  /** The port by which an ssh session came in that this runs in. */
  readonly sshPort: number | undefined
}

/** What has to be known of a process to decide. */
export interface Candidate extends Omit<DoorHolder, 'inodes'> {
  readonly words: readonly string[]
  /** The effective user. */
  readonly uid: number | undefined
}

/** Managers whose sockets are those of services that they start. */
const MANAGERS = /^(?:systemd|init|launchd|upstart|openrc-init|runit|s6-svscan|inetd|xinetd)$/

/** Beside those whose command line tells more. */
const CONTAINER_PROGRAMS =
  /^(?:docker-proxy|dockerd|containerd|containerd-shim.*|podman|netavark|crio|kubelet|kube-proxy|k3s|buildkitd|lxd|incusd|wslrelay|com\.docker\..*|OrbStack.*)$/

/** Says why a process may not be stopped to free its ports; undefined when it may. */
export function refusalOf(one: Candidate, asker: Asker): Refusal | undefined {
  return (
    manager(one) ??
    standIn(one) ??
    session(one, asker) ??
    ancestor(one, asker) ??
    otherUser(one, asker)
  )
}

function manager({ pid, name, doors }: Candidate): Refusal | undefined {
  if (pid > 1 && !MANAGERS.test(name)) return undefined
  const what = pid === 1 ? 'it is pid 1, which starts everything else' : 'it starts services'
  return {
    kind: 'init',
    reason: `${what} and keeps the port for one of them`,
    instead: name === 'systemd' ? `systemctl list-sockets | grep ${portsOf(doors)}` : undefined,
  }
}

function standIn({ name, words, doors }: Candidate): Refusal | undefined {
  const program = basename(words[0]?.split(' ')[0] ?? '')
  const kind = standInOf(words)
  if (kind === undefined && ![name, program].some(one => CONTAINER_PROGRAMS.test(one))) {
    return undefined
  }
  const engine = engineOf(kind)
  const refusal = {
    kind: 'stand-in' as const,
    reason: 'it holds the port for a container, which would lose it',
  }
  if (kind?.kind === 'conmon') {
    return {
      ...refusal,
      engine,
      instead: `podman stop ${/^[\da-f]{12}/.exec(kind.containerId ?? '')?.[0] ?? 'NAME'}`,
    }
  }
  if (/^(?:kubelet|kube-proxy|k3s|crio)$/.test(name))
    return { ...refusal, instead: 'kubectl get services --all-namespaces' }
  return {
    ...refusal,
    engine,
    instead: `${engine} stop $(${engine} ps -q --filter publish=${portsOf(doors)})`,
  }
}

function session({ name, doors }: Candidate, { sshPort }: Asker): Refusal | undefined {
  const isSshServer = /^sshd/.test(name) && doors.some(({ local }) => portOf(local) === sshPort)
  if (!isSshServer) return undefined
  return { kind: 'session', reason: 'this session came in by it', instead: undefined }
}

function ancestor({ pid }: Candidate, { chain }: Asker): Refusal | undefined {
  if (!chain.has(pid)) return undefined
  return {
    kind: 'ancestor',
    reason: 'sockctl runs in it, and would end with it',
    instead: undefined,
  }
}

function otherUser({ pid, uid }: Candidate, asker: Asker): Refusal | undefined {
  if (asker.uid === 0 || uid === asker.uid) return undefined
  return {
    kind: 'other-user',
    reason: 'it is a process of another user',
    instead: `sudo kill ${pid}`,
  }
}

function portsOf(doors: Candidate['doors']): string {
  const ports = [...new Set(doors.map(({ local }) => portOf(local) ?? 0))]
  return formatPorts(ports.slice(0, 1).map(port => ({ first: port, last: port })))
}
