import { compile, seconds } from './harness.mjs'
import { load, loadMebibytes } from './load.mjs'
import { compareServers, inC, peer, sockctl, withServers } from './servers.mjs'

/** Small messages that wait for their echo, and as much as comes back. */
export async function bench() {
  const client = compile('load-client')
  if (client === undefined) return
  const ncat = port => ['ncat', '-l', '-k', '-m', '200', '127.0.0.1', `${port}`]
  const listen = port => `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,nodelay`
  const subjects = [
    sockctl('sockctl serve', port => ['--port', `${port}`]),
    ...peer('ncat -l -k -e /bin/cat', port => [...ncat(port), '-e', '/bin/cat']),
    ...peer('ncat -l -k -c cat', port => [...ncat(port), '-c', 'cat']),
    ...peer('socat TCP-L,fork PIPE', port => ['socat', listen(port), 'PIPE']),
    inC(port => ['echo', `${port}`]),
  ]
  await withServers(subjects, async servers => {
    await compareServers(servers, {
      title: 'Echo, 50 connections x 64 B, each waiting for its answer',
      unit: 'per second',
      targets: { peer: 2, c: 0.6 },
      run: server => load(client, server, 'pingpong', 50, 64, seconds),
    })
    for (const connections of [1, 4]) {
      await compareServers(servers, {
        title: `Echo, ${connections} at a time, as much as comes back`,
        unit: 'MiB/s',
        targets: { peer: 2, c: 0.5 },
        run: server => loadMebibytes(client, server, 'bulk', connections, seconds),
      })
    }
  })
}
