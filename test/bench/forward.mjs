import { compile, freePort, load, seconds } from './harness.mjs'
import { compareServers, inC, peer, sockctl, withServers } from './servers.mjs'

/** As much as passes through from 4 connections to 4 others. */
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
  await withServers(subjects, servers =>
    compareServers(servers, {
      title: 'Forward, 4 connections, as much as passes through',
      unit: 'MiB/s',
      targets: { peer: 2, c: 0.5 },
      run: async ({ port }) => {
        const { count, seconds: took } = await load(client, 'through', port, to, 4, seconds)
        return count / took / 2 ** 20
      },
    }),
  )
}
