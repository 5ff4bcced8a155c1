import { SockctlError, systemError } from '../../errors.ts'
import type { Warning } from '../types.ts'
import { recordsOfConnections } from './netstat-connections.ts'
import { OWN_PROC, type Source } from './types.ts'

/** On other systems the package never answers. */
const PLATFORMS: ReadonlySet<NodeJS.Platform> = new Set([
  'darwin',
  'freebsd',
  'netbsd',
  'openbsd',
  'win32',
])

/** The last resort: the package systeminformation, which runs netstat and reads its text. */
export const systeminformation: Source = {
  name: 'systeminformation',
  isFor: ({ platform, procRoot }) => PLATFORMS.has(platform) && procRoot === OWN_PROC,
  async list() {
    const { default: information } = await import('systeminformation')
    const connections = await information.networkConnections().catch((error: unknown) => {
      throw systemError('cannot list sockets with netstat', error)
    })
    // Also what it gives when netstat is missing or fails.
    if (connections.length === 0) {
      throw new SockctlError('ERR_SYSTEM', 'cannot list sockets with netstat: it shows none at all')
    }
    const { records, unknown } = recordsOfConnections(connections)
    return { records, warnings: [LIMITED, ...(unknown === 0 ? [] : [incomplete(unknown)])] }
  },
}

const LIMITED: Warning = {
  code: 'source-limited',
  message:
    'netstat does not show unix sockets, queues, users, and more than one process of a socket',
}

function incomplete(count: number): Warning {
  const which = count === 1 ? 'a line of netstat was' : `${count} lines of netstat were`
  return { code: 'incomplete', message: `${which} not understood and left out` }
}
