/** How container engines call the cgroups they make: docker, podman, containerd, cri-o, lxc. */
const CONTAINER =
  /(?:^|[/-])([0-9a-f]{64})(?:\.scope)?(?:\/|$)|\/lxc(?:\.payload)?[./]([^/]+)(?:\/|$)/

/** So much of a container's number is enough for `docker ps`, and is what it prints. */
const SHORT_NUMBER = 12

/**
 * Names the container of a cgroup by the path of that: its short number, as `docker ps` prints it, or
 * its name with lxc. Undefined: it belongs to none, or its path cannot be seen from here.
 */
export function containerOf(
  cgroupId: number | undefined,
  cgroupName: ((id: number) => string | undefined) | undefined,
): string | undefined {
  const path = cgroupId === undefined ? undefined : cgroupName?.(cgroupId)
  const match = path === undefined ? null : CONTAINER.exec(path)
  return match?.[1]?.slice(0, SHORT_NUMBER) ?? match?.[2]
}
