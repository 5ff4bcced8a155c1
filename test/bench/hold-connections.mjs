// Holds open a number of TCP connections to itself over loopback, two sockets each, until stdin ends.
// Prints "ready" when all are there. Usage: node hold-connections.mjs <connections>
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

const connections = Number(process.argv[2])
const AT_ONCE = 200

const held = []
const server = createServer(socket => {
  held.push(socket)
  socket.on('error', () => {})
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

for (let made = 0; made < connections; made += AT_ONCE) {
  const batch = Array.from({ length: Math.min(AT_ONCE, connections - made) }, () =>
    connect({ port: server.address().port, host: '127.0.0.1' }),
  )
  await Promise.all(batch.map(socket => once(socket, 'connect')))
  for (const socket of batch) socket.on('error', () => {})
  held.push(...batch)
}
while (held.length < connections * 2) await once(server, 'connection')
process.stdout.write('ready\n')

process.stdin.resume()
process.stdin.once('end', () => process.exit())
