// Servers side by side: sockctl first, then its peers, and what a thread of C can do.
import {
  atLeast,
  compare,
  compile,
  formatNumber,
  isHere,
  median,
  printTable,
  SOCKCTL,
  startServer,
} from './harness.mjs'

/** `sockctl serve` with these words; `-q`, because the peers print nothing either. */
export function sockctl(name, words) {
  return { name, kind: 'sockctl', command: port => [...SOCKCTL, 'serve', '-q', ...words(port)] }
}

/** The command of a peer, and none where it is not on this machine. */
export function peer(name, command) {
  return isHere(command(0)[0]) ? [{ name, kind: 'peer', command }] : []
}

/** The same in C. */
export function inC(words) {
  const server = compile('epoll-server')
  return { name: 'epoll in C', kind: 'c', command: port => [server, ...words(port)] }
}

/** Starts the servers, hands them to `work`, and stops them. */
export async function withServers(subjects, work) {
  const servers = []
  try {
    for (const subject of subjects) {
      servers.push({ ...subject, ...(await startServer(subject.command)) })
    }
    await work(servers)
  } finally {
    for (const server of servers) await server.stop()
  }
}

/**
 * Measures the servers in turn and prints how sockctl compares: by what is done in a second, and by
 * what is done for the same processor time, which tells more where the machine is small or busy.
 *
 * @param task `{ title, unit, run, targets }`: run(server) resolves to what `load` does; targets are
 *   what sockctl has to be at least, of the best peer (`peer`) and of C (`c`)
 */
export async function compareServers(servers, { title, unit, run, targets = {} }) {
  const costs = servers.map(() => [])
  const subjects = servers.map((server, index) => ({
    ...server,
    run: async () => {
      const { count, seconds, cpuSeconds } = await run(server)
      costs[index].push(cpuSeconds / count)
      return count / seconds
    },
  }))
  const measured = await compare(subjects)
  const byCpu = costs.map(costsOf => median(costsOf.map((cost, round) => cost / costs[0][round])))
  const rows = measured.map(({ name, kind, value, ratio }, index) => [
    name,
    formatNumber(value),
    kind === 'sockctl' ? '' : formatRatio(ratio),
    kind === 'sockctl' ? '' : formatRatio(byCpu[index]),
    kind === 'c' && targets.c ? atLeast(targets.c, ratio) : '',
  ])
  const best = Math.min(...measured.filter(one => one.kind === 'peer').map(one => one.ratio))
  if (targets.peer && Number.isFinite(best)) {
    rows.push(['the best of the peers', '', formatRatio(best), '', atLeast(targets.peer, best)])
  }
  printTable(title, [['', unit, 'sockctl is', 'by CPU time', 'target'], ...rows])
}

function formatRatio(ratio) {
  // A short round may take less than the ticks in which processor time is counted.
  return Number.isFinite(ratio) && ratio > 0 ? `${ratio.toFixed(2)}x` : ''
}
