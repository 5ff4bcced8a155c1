// What the benchmarks share: servers that are started, awaited and stopped, medians and tables. All processes started here are gone when the benchmark ends, however it ends.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const here = import.meta.dirname
const folder = mkdtempSync(join(tmpdir(), 'sockctl-bench-'))
const groups = new Set()

process.on('exit', () => {
  for (const pid of groups) stopGroup(pid)
  rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

/** `--quick`: one short round, to see that the benchmarks run; its numbers mean little. */
export const quick = process.argv.includes('--quick')
export const rounds = quick ? 1 : 5
export const seconds = quick ? 0.3 : 1.5

export const SOCKCTL = [process.execPath, join(here, '../../bin/sockctl.js')]

/** Without what slows the start of Node 20: it would read that file at each start. */
export const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined }

/** Whether the command of a peer is on this machine; says so when it is not. */
export function isHere(command) {
  const found = (process.env.PATH ?? '').split(delimiter).some(path => {
    try {
      accessSync(join(path, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  if (!found) console.log(`skipped: ${command} is not on this machine`)
  return found
}

/** Compiles a program of this folder; says so, and returns nothing, where that cannot be done. */
export function compile(name) {
  const output = join(folder, name)
  if (process.platform !== 'linux') console.log(`skipped: ${name} needs epoll, which Linux has`)
  else if (isHere('cc')) {
    execFileSync('cc', ['-O2', '-o', output, join(here, `${name}.c`)])
    return output
  }
  return undefined
}

/**
 * Starts a server and waits until it accepts connections. It gets a process group of its own, so
 * that what it forks ends with it.
 *
 * @param command program and arguments, of the port
 * @returns `{ port, pid, stop }`
 */
export async function startServer(command) {
  const port = await freePort()
  const [file, ...words] = command(port)
  const child = spawn(file, words, { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env })
  let said = ''
  child.stderr.on('data', chunk => {
    said = (said + chunk).slice(-2000)
  })
  groups.add(child.pid)
  const gone = once(child, 'exit')
  await Promise.race([
    accepts(port),
    gone.then(([code]) => {
      throw new Error(`${file} ended with ${code}: ${said}`)
    }),
  ])
  const stop = async () => {
    stopGroup(child.pid)
    groups.delete(child.pid)
    await gone
  }
  return { port, pid: child.pid, stop }
}

/** Nobody listens on it now; taken from the system, not guessed. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until a connection is accepted and over again: it must not get into what is measured. */
async function accepts(port) {
  for (const end = Date.now() + 10_000; ; await delay(20)) {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2000 })
    try {
      await once(socket, 'connect')
      socket.on('error', () => {}).on('timeout', () => socket.destroy())
      socket.resume().end()
      await new Promise(resolve => socket.once('close', resolve))
      return
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}

function stopGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/**
 * Measures several subjects in turn, A B C A B C, so that what disturbs the machine disturbs all.
 *
 * @param subjects with `run`, which resolves to a number; the first is sockctl
 * @returns each with `value`, its median, and `ratio`: the median of what the first had in the same
 *   round divided by what it had
 */
export async function compare(subjects, times = rounds) {
  const values = subjects.map(() => [])
  for (let round = 0; round < times; round++) {
    for (const [index, { run }] of subjects.entries()) values[index].push(await run())
  }
  return subjects.map((subject, index) => ({
    ...subject,
    value: median(values[index]),
    ratio: median(values[index].map((value, round) => values[0][round] / value)),
  }))
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** A bound that a ratio has to keep, as `≥ 2x met`. */
export function atLeast(bound, ratio) {
  return `≥ ${bound}x ${ratio >= bound ? 'met' : 'missed'}`
}

/** A bound that a ratio has to keep, as `≤ 1.15x met`. */
export function atMost(bound, ratio) {
  return `≤ ${bound}x ${ratio <= bound ? 'met' : 'missed'}`
}

/** Prints rows of cells under a title; the first column to the left, the others to the right. */
export function printTable(title, rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  const lines = rows.map(row =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd(),
  )
  console.log(`\n${title}\n  ${lines.join('\n  ')}`)
}

export function formatNumber(value) {
  return value.toLocaleString('en', { maximumSignificantDigits: value < 100 ? 3 : 4 })
}
