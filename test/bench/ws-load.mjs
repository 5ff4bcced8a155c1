#!/usr/bin/env node
// The load client for WebSockets, by the package ws; it is told and tells what load-client.c does.
// Usage: ws-load.mjs pingpong <port> <connections> <bytes> <seconds> | bulk <port> <connections>
// <bytes> <seconds> | hold <port> <connections>
import { once } from 'node:events'
import { WebSocket } from 'ws'

const [task, port, connections, bytes = '64', seconds = '1'] = process.argv.slice(2)
const AT_ONCE = 200
/** How many messages of a connection are on their way with `bulk`. */
const ON_THE_WAY = 16

const sockets = []
for (let made = 0; made < Number(connections); made += AT_ONCE) {
  const few = Math.min(AT_ONCE, Number(connections) - made)
  const batch = Array.from({ length: few }, () => new WebSocket(`ws://127.0.0.1:${port}`))
  await Promise.all(batch.map(socket => once(socket, 'open')))
  sockets.push(...batch)
}

if (task === 'hold') {
  process.stdout.write('ready\n')
} else {
  const message = Buffer.alloc(Number(bytes), 'x')
  let count = 0
  let isOver = false
  for (const socket of sockets) {
    socket.on('message', () => {
      if (isOver) return
      count++
      socket.send(message)
    })
  }
  const start = performance.now()
  for (const socket of sockets) {
    for (let sent = 0; sent < (task === 'bulk' ? ON_THE_WAY : 1); sent++) socket.send(message)
  }
  await new Promise(resolve => setTimeout(resolve, Number(seconds) * 1000))
  isOver = true
  const took = (performance.now() - start) / 1000
  process.stdout.write(`${JSON.stringify({ count, seconds: took, lost: 0 })}\n`)
}
process.stdin.resume().once('end', () => process.exit())
