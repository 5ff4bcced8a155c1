import { runCommand } from './run-command.ts'
import { OWN_PROC, type Source } from './types.ts'

/** netstat of macOS, with lsof beside it, and netstat of Windows: run, and their text read. */
export const netstat: Source = {
  name: 'netstat',
  isFor: ({ platform, procRoot }) =>
    (platform === 'darwin' || platform === 'win32') && procRoot === OWN_PROC,
  async list(wanted, { platform }) {
    if (platform === 'darwin') {
      const { listDarwinSockets } = await import('./darwin/darwin-sockets.ts')
      return listDarwinSockets(wanted, runCommand)
    }
    const { listByNetstat } = await import('./windows/windows-sockets.ts')
    return listByNetstat(wanted, runCommand)
  },
}
