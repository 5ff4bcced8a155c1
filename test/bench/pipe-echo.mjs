// The least that Node can do for an echo: the yardstick of idle-memory.mjs.
import { createServer } from 'node:net'

createServer({ allowHalfOpen: true, noDelay: true }, socket => {
  socket.on('error', () => {})
  socket.pipe(socket)
}).listen(Number(process.argv[2]), '127.0.0.1')
