// Servers side by side: sockctl first, then its peers, and what a thread of C can do.
import { readdirSync, readFileSync } from 'node:fs'
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
 * @param task `{ title, unit, run, targets }`: run(server) resolves to `{ count, seconds }`; targets
 *   are what sockctl has to be at least, of the best peer (`peer`) and of C (`c`)
 */
export async function compareServers(servers, { title, unit, run, targets = {} }) {
  const costs = servers.map(() => [])
  const subjects = servers.map((server, index) => ({
    ...server,
    run: async () => {
      const before = cpuSeconds(server.pid)
      const { count, seconds } = await run(server)
      costs[index].push((cpuSeconds(server.pid) - before) / count)
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

/** The processor time of a server and all that it has forked (proc(5), in ticks of 10 ms). */
function cpuSeconds(group) {
  const ticks = readdirSync('/proc').map(name => {
    if (!/^\d+$/.test(name)) return 0
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const times = fields.slice(11, 15)
      return Number(fields[2]) === group ? times.reduce((sum, time) => sum + Number(time), 0) : 0
    } catch {
      return 0 // It has ended meanwhile: its parent has its time.
    }
  })
  return ticks.reduce((sum, one) => sum + one, 0) / 100
}

function formatRatio(ratio) {
  return Number.isFinite(ratio) ? `${ratio.toFixed(2)}x` : ''
}
