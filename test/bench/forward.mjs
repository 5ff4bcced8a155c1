import { compile, freePort, seconds } from './harness.mjs'
import { loadMebibytes } from './load.mjs'
import { compareServers, inC, peer, sockctl, withServers } from './servers.mjs'

/** As much as passes through a forwarder, in one direction. */
export async function bench() {
  const client = compile('load-client')
  if (client === undefined) return
  // The load client stands on both sides: it listens here itself.
  const to = await freePort()
  const listen = port => `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,nodelay`
  const subjects = [
    sockctl('sockctl serve --forward', port => [
      '--port',
      `${port}`,
      '--forward',
      `127.0.0.1:${to}`,
    ]),
    ...peer('socat TCP-L,fork TCP', port => ['socat', listen(port), `TCP:127.0.0.1:${to}`]),
    inC(port => ['forward', `${port}`, `${to}`]),
  ]
  await withServers(subjects, async servers => {
    for (const connections of [1, 4]) {
      await compareServers(servers, {
        title: `Forward, ${connections} at a time, as much as passes through`,
        unit: 'MiB/s',
        targets: { peer: 2, c: 0.5 },
        run: server => loadMebibytes(client, server, 'through', to, connections, seconds),
      })
    }
  })
}
