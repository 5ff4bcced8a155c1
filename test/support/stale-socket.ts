import { spawnSync } from 'node:child_process'

/** Leaves the file of a unix socket behind, as a server does that was killed; gives its path back. */
export function leaveSocket(path: string): string {
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', script, path])
  return path
}
