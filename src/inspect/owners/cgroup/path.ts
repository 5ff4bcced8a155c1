/**
 * Reads in which cgroup a process is, of the text of /proc/PID/cgroup. Where both versions are in
 * use, the one counts by which the processes are really sorted: version 2 unless it has them all in
 * its root, then that of systemd, then whichever says something.
 *
 * @returns a path below the root of the hierarchy: `/system.slice/nginx.service`
 * Source: cgroups(7), "/proc/[pid]/cgroup".
 */
export function parseCgroup(text: string): string | undefined {
  const lines = [...text.matchAll(/^(\d+):([^:\n]*):(.*)$/gm)].map(
    ([, , controllers = '', path = '']) => ({ controllers, path }),
  )
  const ofController = (name: string): string | undefined =>
    lines.find(({ controllers }) => controllers.split(',').includes(name))?.path
  const paths = [...PREFERRED.map(ofController), ...lines.map(({ path }) => path)]
  return paths.find(path => path !== undefined && path !== '/') ?? paths.find(path => path)
}

/** Version 2 has no name. The first of version 1 are those that container engines always use. */
const PREFERRED = ['', 'name=systemd', 'pids', 'memory']
