import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { atMost, compare, env, isHere, printTable, quick, SOCKCTL } from './harness.mjs'

/** A process may hold so many descriptors here at the most; two of each connection. */
const CONNECTIONS_EACH = 9000

/**
 * Lists sockets beside ss, netstat and lsof. How many is the first number among the arguments:
 * `npm run bench -- inspect 20000`.
 */
export async function bench() {
  const sockets = Number(process.argv.find(word => /^\d+$/.test(word)) ?? (quick ? 200 : 2000))
  const holders = await hold(sockets / 2)
  try {
    const rows = []
    for (const [flags, peers] of [
      ['-tan', [['ss', '-tan']]],
      [
        '-tanp',
        [
          ['ss', '-tanp'],
          ['netstat', '-tanp'],
          ['lsof', '-nP', '-iTCP'],
        ],
      ],
    ]) {
      rows.push(...(await besides(flags, peers, sockets)))
    }
    printTable(`Listing ${sockets} TCP sockets`, [['', 'time', 'sockctl takes', 'target'], ...rows])
  } finally {
    for (const holder of holders) holder.kill('SIGKILL')
  }
}

async function besides(flags, peers, sockets) {
  const [node, bin] = SOCKCTL
  const commands = [
    [node, bin, 'inspect', flags],
    [node, '-e', '0'],
    ...peers.filter(([command]) => isHere(command)),
  ]
  const names = [
    `sockctl inspect ${flags}`,
    'node -e 0',
    ...commands.slice(2).map(one => one.join(' ')),
  ]
  const results = await compare(
    commands.map((command, index) => ({ name: names[index], run: () => milliseconds(command) })),
    quick ? 1 : 9,
  )
  return results.map(({ name, value, ratio }, index) => [
    name,
    `${value.toFixed(0)} ms`,
    index === 0 ? '' : `${ratio.toFixed(2)}x`,
    target(name, ratio, sockets),
  ])
}

/** Node's own start weighs where there are few sockets, the sockets where there are many. */
function target(name, ratio, sockets) {
  if (name === 'node -e 0' && sockets <= 2000) return atMost(2.5, ratio)
  if (name === 'ss -tan' && sockets >= 100_000) return atMost(1.5, ratio)
  if (name === 'ss -tanp' && sockets >= 100_000) return atMost(0.25, ratio)
  return ''
}

function milliseconds([file, ...words]) {
  const start = performance.now()
  spawnSync(file, words, { env, stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 30 })
  return performance.now() - start
}

async function hold(connections) {
  const holders = []
  for (let left = connections; left > 0; left -= CONNECTIONS_EACH) {
    const script = join(import.meta.dirname, 'hold-connections.mjs')
    const words = [script, String(Math.min(left, CONNECTIONS_EACH))]
    const holder = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'], env })
    holders.push(holder)
    await once(holder.stdout, 'data')
  }
  return holders
}
