// npm run bench [-- name...] [--quick]
//
// Each benchmark runs the same work with sockctl and with its peers, in turn, and prints how sockctl
// compares. Without names, all of them run. A file of this folder is a benchmark when it is listed
// here; it exports `bench()`.
const NAMES = ['startup', 'echo', 'tls', 'forward', 'relay', 'idle-memory', 'websocket', 'inspect']

const asked = process.argv.slice(2).filter(word => !/^(?:--|\d+$)/.test(word))
const unknown = asked.filter(name => !NAMES.includes(name))
if (unknown.length > 0) {
  console.error(`no benchmark "${unknown[0]}" (there are ${NAMES.join(', ')})`)
  process.exit(2)
}
for (const name of asked.length > 0 ? asked : NAMES) {
  const { bench } = await import(`./${name}.mjs`)
  await bench()
}
