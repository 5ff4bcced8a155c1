import { spawnSync } from 'node:child_process'
import { atMost, compare, env, freePort, printTable, quick, SOCKCTL } from './harness.mjs'

/** From the start of the process to its end, beside a Node that does nothing. */
export async function bench() {
  const [node, bin] = SOCKCTL
  const closed = await freePort()
  const subjects = [
    ['--version', 'sockctl --version'],
    ['--help', 'sockctl --help'],
    ['serve --help', 'sockctl serve --help'],
    [`connect 127.0.0.1 ${closed}`, 'sockctl connect, refused'],
  ]
  const rows = []
  for (const [words, name] of subjects) {
    const [ours, nodes] = await compare(
      [
        { name, run: () => milliseconds(node, [bin, ...words.split(' ')]) },
        { name: 'node -e 0', run: () => milliseconds(node, ['-e', '0']) },
      ],
      quick ? 3 : 41,
    )
    const ms = `${ours.value.toFixed(1)} ms`
    const target = words === '--version' ? atMost(1.15, nodes.ratio) : ''
    rows.push([name, ms, `${nodes.value.toFixed(1)} ms`, `${nodes.ratio.toFixed(2)}x`, target])
  }
  printTable(`Start-up, Node ${process.version}`, [
    ['', 'sockctl', 'node -e 0', 'ratio', 'target'],
    ...rows,
  ])
}

function milliseconds(file, words) {
  const start = performance.now()
  const { error } = spawnSync(file, words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  if (error) throw error
  return performance.now() - start
}
