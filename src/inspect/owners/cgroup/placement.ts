/** What a cgroup says of where a process belongs. */
export interface Placement {
  readonly container: Container | undefined
  /** The unit of systemd: `nginx.service`, `user@1000.service`. */
  readonly unit: string | undefined
  /** Which systemd runs the unit: the system's, or that of a user. */
  readonly manager: 'system' | 'user' | undefined
  /** The uid of a Kubernetes pod, with dashes. */
  readonly pod: string | undefined
}

export interface Container {
  readonly kind: ContainerKind
  /** Most often 64 hexadecimal digits; of LXC and nspawn a name. */
  readonly id: string
}

export type ContainerKind =
  | 'docker'
  | 'podman'
  | 'containerd'
  | 'cri-o'
  | 'kubernetes' // a container of a pod, whose engine does not say its name
  | 'lxc'
  | 'machine' // systemd-nspawn, libvirt: machinectl(1)
  | 'ecs'
  | 'buildkit'
  | 'unknown' // an id of a container, by itself

/**
 * Reads a path of a cgroup. Containers can be nested: the innermost counts. The processes by which
 * an engine watches over a container (conmon) are not in it.
 *
 * Source: the names that systemd(1) (systemd.slice(5), sd-login), Docker, Podman, containerd, CRI-O,
 * LXC and ECS give.
 */
export function placementOf(path: string): Placement {
  const parts = path.split('/').filter(part => part !== '')
  let container: Container | undefined
  let unit: string | undefined
  let pod: string | undefined
  let manager: Placement['manager']
  for (const [i, part] of parts.entries()) {
    const name = unescapeUnit(part)
    pod = podOf(part) ?? pod
    container = containerOfPart(part, parts.slice(0, i)) ?? container
    if (!UNIT.test(part) || containerOfPart(part, []) !== undefined) continue
    manager = /^user@\d+\.service$/.test(unit ?? '') || manager === 'user' ? 'user' : 'system'
    unit = name
  }
  return { container, unit, manager, pod }
}

/** Scopes of containers are units too, but say no more than the container. */
const UNIT = /^[\w:.\\@-]+\.(?:service|socket|scope)$/

/** `\x2d` stands for a dash, which systemd uses to nest slices. */
function unescapeUnit(name: string): string {
  return name.replace(/\\x([\da-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}

/** `kubepods-burstable-pod1234_5678.slice`, `pod1234-5678`. */
function podOf(part: string): string | undefined {
  const [, uid] =
    /^kubepods(?:-besteffort|-burstable)?-pod([\da-f_]{32,36})\.slice$/.exec(part) ??
    /^pod([\da-f-]{32,36})$/.exec(part) ??
    []
  return uid?.replaceAll('_', '-')
}

const SCOPES: readonly (readonly [RegExp, ContainerKind])[] = [
  [/^docker-([\da-f]{64})\.scope$/, 'docker'],
  [/^libpod-([\da-f]{64})(?:\.scope)?$/, 'podman'],
  [/^(?:cri-containerd|nerdctl)-([\da-f]{64})\.scope$/, 'containerd'],
  [/^crio-([\da-f]{64})(?:\.scope)?$/, 'cri-o'],
  [/^lxc\.payload\.(.+)$/, 'lxc'],
  [/^machine-(.+)\.scope$/, 'machine'],
  [/^systemd-nspawn@(.+)\.service$/, 'machine'],
]

/** What a folder is called below which containers have folders of their own. */
const FOLDERS: Readonly<Record<string, ContainerKind>> = {
  docker: 'docker',
  libpod_parent: 'podman',
  lxc: 'lxc',
  buildkit: 'buildkit',
  default: 'containerd',
  actions_job: 'docker',
}

const LONG_ID = /^[\da-f]{64}$/

function containerOfPart(part: string, above: readonly string[]): Container | undefined {
  for (const [pattern, kind] of SCOPES) {
    const id = pattern.exec(part)?.[1]
    if (id !== undefined) return { kind, id: kind === 'machine' ? unescapeUnit(id) : id }
  }
  const parent = above.at(-1) ?? ''
  if (parent === 'lxc') return { kind: 'lxc', id: part }
  if (above.at(-2) === 'ecs') return { kind: 'ecs', id: part }
  if (parent === 'buildkit') return { kind: 'buildkit', id: part }
  if (!LONG_ID.test(part)) return undefined
  const isOfPod = above.some(one => one.startsWith('kubepods'))
  return { kind: isOfPod ? 'kubernetes' : (FOLDERS[parent] ?? 'unknown'), id: part }
}
