import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { atMost, compare, env, isHere, printTable, quick, SOCKCTL } from './harness.mjs'

/** Descriptors that a holder needs for itself. */
const SPARE_DESCRIPTORS = 200
/** Two of these many connections fit into a limit of 20,000 descriptors, and into Node's patience. */
const MOST_CONNECTIONS_EACH = 9000

/**
 * Lists so many TCP sockets, two for each connection over loopback, beside those who do the same.
 * How many are the numbers among the arguments: `npm run bench -- inspect 20000 100000`. With 100,000
 * a round takes about 20 seconds, and all of it 700 MB.
 */
export async function bench() {
  if (process.platform !== 'linux') return console.log('skipped: the peers of inspect need Linux')
  const asked = process.argv.filter(word => /^\d+$/.test(word)).map(Number)
  const sizes = asked.length > 0 ? asked : quick ? [200] : [2000, 20_000]
  for (const size of sizes) {
    const holders = await hold(size / 2)
    try {
      await listBeside(size, '-tan', [
        ['ss', '-tan'],
        ['netstat', '-tan'],
      ])
      await listBeside(size, '-tanp', [
        ['ss', '-tanp'],
        ['netstat', '-tanp'],
        ['lsof', '-nP', '-iTCP'],
      ])
    } finally {
      await Promise.all(holders.map(stop))
    }
  }
}

async function listBeside(size, flags, peers) {
  const [node, bin] = SOCKCTL
  const commands = [
    [`sockctl inspect ${flags}`, [node, bin, 'inspect', flags]],
    ['node -e 0', [node, '-e', '0']],
    ...peers.filter(([file]) => isHere(file)).map(command => [command.join(' '), command]),
  ]
  const subjects = commands.map(([name, command]) => ({
    name,
    command,
    run: () => milliseconds(command),
  }))
  const rows = (await compare(subjects, quick ? 1 : 9)).map(
    ({ name, command, value, ratio }, i) => [
      name,
      `${value.toFixed(0)} ms`,
      i === 0 ? '' : `${ratio.toFixed(2)}x`,
      target(name, ratio, size),
      peakMemory(command),
    ],
  )
  const title = `${size.toLocaleString('en')} TCP sockets, ${flags}`
  printTable(title, [['', 'time', 'sockctl takes', 'target', 'peak memory'], ...rows])
}

/** Node's own start weighs where there are few sockets, the sockets where there are many. */
function target(name, ratio, size) {
  if (name === 'node -e 0' && size <= 2000) return atMost(2.5, ratio)
  if (name === 'ss -tan' && size >= 100_000) return atMost(1.5, ratio)
  if (name === 'ss -tanp' && size >= 100_000) return atMost(0.25, ratio)
  return ''
}

function milliseconds([file, ...words]) {
  const start = performance.now()
  const { error } = spawnSync(file, words, { env, stdio: OUTPUT, maxBuffer: 2 ** 30 })
  if (error) throw error
  return performance.now() - start
}

const OUTPUT = ['ignore', 'pipe', 'ignore']

/** As time(1) tells it; nothing where it is not on the machine. */
function peakMemory(command) {
  const words = ['-f', '%M', ...command]
  const options = { env, encoding: 'utf8', maxBuffer: 2 ** 30 }
  const kibibytes = Number(
    spawnSync('/usr/bin/time', words, options).stderr?.trim().split('\n').at(-1),
  )
  return kibibytes > 0 ? `${(kibibytes / 1024).toFixed(0)} MiB` : ''
}

/** As many processes as the limit of descriptors asks for, each with its share of the connections. */
async function hold(connections) {
  const limit = Number(spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout) || 1024
  const each = Math.min(MOST_CONNECTIONS_EACH, Math.floor((limit - SPARE_DESCRIPTORS) / 2))
  const holders = []
  for (let left = connections; left > 0; left -= each) {
    const holder = spawn(
      'sh',
      ['-c', 'ulimit -n "$(ulimit -Hn)" && exec "$@"', '-', process.execPath, HOLDER].concat(
        String(Math.min(left, each)),
      ),
      { env, stdio: ['pipe', 'pipe', 'inherit'] },
    )
    holders.push(holder)
  }
  await Promise.all(holders.map(isReady))
  return holders
}

const HOLDER = join(import.meta.dirname, 'hold-connections.mjs')

async function isReady(holder) {
  const ended = once(holder, 'exit').then(() => Promise.reject(new Error('a holder has ended')))
  await Promise.race([once(holder.stdout, 'data'), ended])
  ended.catch(() => {})
}

/** It ends when its stdin does: also when this process is killed. */
async function stop(holder) {
  if (holder.exitCode !== null) return
  const ended = once(holder, 'exit')
  holder.stdin.end()
  await ended
}

// By itself: node test/bench/inspect.mjs [sockets...] [--quick]
if (process.argv[1] === import.meta.filename) await bench()
