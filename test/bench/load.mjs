// The load client, and what the work costs the server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

const DEADLINE_MS = 60_000

/**
 * Runs the load client (see load-client.c) against a server.
 *
 * @returns `{ count, seconds, lost, cpuSeconds }`: what it counted, and the processor time that the
 *   server and all it has forked have taken for it
 */
export async function load(client, server, task, ...words) {
  const before = cpuSecondsOf(server.pid)
  const argv = [task, server.port, ...words].map(String)
  const child = spawn(client, argv, { stdio: ['pipe', 'pipe', 'inherit'], timeout: DEADLINE_MS })
  const ended = once(child, 'exit')
  const [line] = await Promise.race([once(child.stdout, 'data'), ended])
  if (!Buffer.isBuffer(line)) throw new Error(`${argv.join(' ')} ended with ${line}`)
  // Its connections are still open: the time of a child that has ended may be gone with it.
  const cpuSeconds = cpuSecondsOf(server.pid) - before
  child.stdin.end()
  await ended
  return { ...JSON.parse(line), cpuSeconds }
}

/** The same for what is counted in bytes. */
export async function loadMebibytes(...words) {
  const counted = await load(...words)
  return { ...counted, count: counted.count / 2 ** 20 }
}

/** The processor time of a process group, from what the scheduler counts of each of its threads. */
export function cpuSecondsOf(group) {
  const processes = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  const nanoseconds = processes.filter(pid => groupOf(pid) === group).flatMap(timesOfThreads)
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9
}

function groupOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])
  } catch {
    return undefined // It has ended meanwhile.
  }
}

/** The first number of schedstat is the time on a processor, in ns; proc(5) counts whole ticks. */
function timesOfThreads(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.map(tid =>
      Number.parseInt(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8'), 10),
    )
  } catch {
    return []
  }
}
