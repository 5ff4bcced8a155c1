import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type ServerOpts, type Socket } from 'node:net'
import { afterEach } from 'vitest'

interface OpenServer {
  readonly server: Server
  readonly sockets: Set<Socket>
}

const open: OpenServer[] = []

/** Closes what `tcpServer` opened in a test, connections and all. Called once at the top of a file. */
export function closeServersAfterEach(): void {
  afterEach(async () => {
    for (const { server, sockets } of open.splice(0)) {
      for (const socket of sockets) socket.destroy()
      if (server.listening) await once(server.close(), 'close')
    }
  })
}

export interface TcpServer {
  readonly port: number
  readonly server: Server
  /** The next connection, as our end sees it. */
  accepted(): Promise<Socket>
}

/** A server for one test, on any free port; a unix socket where `path` is given. */
export async function tcpServer(
  onSocket: (socket: Socket) => void = () => {},
  {
    host = '127.0.0.1',
    path,
    ...options
  }: ServerOpts & { readonly host?: string; readonly path?: string } = {},
): Promise<TcpServer> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, ...options })
  const sockets = new Set<Socket>()
  open.push({ server, sockets })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    onSocket(socket)
  })
  server.listen(path === undefined ? { port: 0, host } : { path })
  await once(server, 'listening')
  const { port = 0 } = server.address() as Partial<AddressInfo>
  const accepted = async (): Promise<Socket> => (await once(server, 'connection'))[0]
  return { port, server, accepted }
}
