import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { freePort, isHere, quick, seconds } from './harness.mjs'
import { cpuSecondsOf } from './load.mjs'
import { compareServers, peer, sockctl, withServers } from './servers.mjs'

/** Echo under TLS 1.3, and how many come in a second. The client is Node's own, for all of them. */
export async function bench() {
  if (!isHere('openssl')) return
  const folder = mkdtempSync(join(tmpdir(), 'sockctl-bench-tls-'))
  try {
    const { cert, key, both } = makeCertificate(folder)
    const socat = port => [
      'socat',
      `OPENSSL-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork,nodelay,verify=0,cert=${both}`,
      'PIPE',
    ]
    const inner = await freePort()
    const subjects = [
      sockctl('sockctl serve --tls', port => [
        ...['--port', `${port}`, '--tls', '--cert', cert, '--key', key],
      ]),
      ...peer('socat OPENSSL-L,fork PIPE', socat),
      ...(isHere('socat')
        ? peer('stunnel, socat PIPE', port => stunnel(folder, { port, inner, both }))
        : []),
    ]
    const ca = readFileSync(cert)
    await withServers(subjects, async servers => {
      await compareServers(servers, {
        title: 'Echo under TLS, 20 connections x 64 B, each waiting for its answer',
        unit: 'per second',
        run: server => measure(server, sockets => pingPong(server.port, ca, sockets)),
      })
      await compareServers(servers, {
        title: 'Echo under TLS, 1 at a time, as much as comes back',
        unit: 'MiB/s',
        run: server => measure(server, sockets => bulk(server.port, ca, sockets)),
      })
      await compareServers(servers, {
        title: 'Handshakes, one after the other',
        unit: 'per second',
        run: server => measure(server, sockets => handshakes(server.port, ca, sockets)),
      })
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function makeCertificate(folder) {
  const [cert, key, both] = ['cert.pem', 'key.pem', 'both.pem'].map(name => join(folder, name))
  const argv = [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost'],
  ]
  execFileSync('openssl', argv, { stdio: 'ignore' })
  writeFileSync(both, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 })
  return { cert, key, both }
}

/** Both in one process group, so that their time is counted together. */
function stunnel(folder, { port, inner, both }) {
  const config = join(folder, 'stunnel.conf')
  const lines = [
    ...['foreground = yes', 'pid =', 'debug = 3', '[echo]', 'socket = l:TCP_NODELAY=1'],
    ...['socket = r:TCP_NODELAY=1', `accept = 127.0.0.1:${port}`, `connect = 127.0.0.1:${inner}`],
    ...[`cert = ${both}`, ''],
  ]
  // Port 0 is only asked with to see whether it is here.
  if (port === 0) return ['stunnel4']
  writeFileSync(config, lines.join('\n'))
  const echo = `socat TCP-LISTEN:${inner},bind=127.0.0.1,fork,reuseaddr,nodelay PIPE`
  return ['sh', '-c', `${echo} & exec stunnel4 ${config}`]
}

/** The connections are open until all is counted: the time of a child that has ended goes with it. */
async function measure(server, work) {
  const sockets = []
  const before = cpuSecondsOf(server.pid)
  const start = performance.now()
  const count = await work(sockets)
  const took = (performance.now() - start) / 1000
  const cpuSeconds = cpuSecondsOf(server.pid) - before
  for (const socket of sockets) socket.on('error', () => {}).destroy()
  return { count, seconds: took, cpuSeconds }
}

async function open(port, ca, sockets) {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca })
  sockets.push(socket)
  await once(socket, 'secureConnect')
  socket.setNoDelay()
  return socket
}

async function pingPong(port, ca, sockets) {
  const message = Buffer.alloc(64, 'x')
  const until = performance.now() + seconds * 1000
  let count = 0
  const one = async () => {
    const socket = await open(port, ca, sockets)
    let missing = message.length
    const done = new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('data', chunk => {
        missing -= chunk.length
        if (missing > 0) return
        count++
        missing = message.length
        if (performance.now() < until) socket.write(message)
        else resolve()
      })
    })
    socket.write(message)
    await done
  }
  await Promise.all(Array.from({ length: 20 }, one))
  return count
}

/** By the clock: a server that waits for us while we wait for it must not keep us for ever. */
async function bulk(port, ca, sockets) {
  const socket = await open(port, ca, sockets)
  const block = Buffer.alloc(64 * 1024, 'x')
  let received = 0
  await new Promise((resolve, reject) => {
    setTimeout(resolve, seconds * 1000)
    socket.on('error', reject)
    socket.on('data', chunk => {
      received += chunk.length
    })
    const send = () => {
      while (socket.write(block));
    }
    socket.on('drain', send)
    send()
  })
  return received / 2 ** 20
}

async function handshakes(port, ca, sockets) {
  const until = performance.now() + (quick ? 200 : 1000)
  let count = 0
  for (; performance.now() < until; count++) await open(port, ca, sockets)
  return count
}
