import { runCommand } from './run-command.ts'
import { OWN_PROC, type Source } from './types.ts'

/** The tables of Windows, asked for through its IP Helper library: no text, no language. */
export const iphlpapi: Source = {
  name: 'iphlpapi',
  isFor: ({ platform, procRoot }) => platform === 'win32' && procRoot === OWN_PROC,
  async list(wanted) {
    const { listByTables } = await import('./windows/windows-tables.ts')
    return listByTables(wanted, runCommand)
  },
}
