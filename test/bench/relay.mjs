import { compile, quick } from './harness.mjs'
import { load } from './load.mjs'
import { compareServers, peer, sockctl, withServers } from './servers.mjs'

const MEMBERS = 1000
const BYTES = 1000

/** One sender to 1,000 members: all it has at once, and each message only when all have the last. */
export async function bench() {
  const client = compile('load-client')
  if (client === undefined) return
  const ncat = port => ['ncat', '-l', '--broker', '-m', '1010', '127.0.0.1', `${port}`]
  const subjects = [
    sockctl('sockctl serve --relay', port => ['--relay', '--port', `${port}`]),
    ...peer('ncat -l --broker', ncat),
  ]
  const deliveries = (messages, atOnce) => async server => {
    const counted = await load(client, server, 'relay', MEMBERS, messages, BYTES, atOnce)
    server.lost = (server.lost ?? 0) + counted.lost
    return counted
  }
  await withServers(subjects, async servers => {
    const messages = quick ? 50 : 300
    await compareServers(servers, {
      title: `Relay, one sender to ${MEMBERS} members, ${messages} messages of ${BYTES} B in one go`,
      unit: 'deliveries/s',
      targets: { peer: 5 },
      run: deliveries(messages, messages),
    })
    await compareServers(servers, {
      title: 'Relay, the next message when all have the last',
      unit: 'deliveries/s',
      run: deliveries(quick ? 5 : 30, 1),
    })
    for (const { name, lost } of servers) console.log(`  ${lost} lost by ${name}`)
  })
}
