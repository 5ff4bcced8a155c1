// Takes a snapshot and prints it as JSON, for tests that look from another namespace or as another
// user. Usage: node print-snapshot.mjs '{"source": "procfs", "owners": true, "procRoot": "/proc"}'
import { ALL_STATES } from '../../src/inspect/select/states.ts'
import { takeSnapshot } from '../../src/inspect/snapshot.ts'
import { plainSnapshot } from './plain-snapshot.ts'

const snapshot = await takeSnapshot({
  wanted: {
    protocols: new Set(['tcp', 'udp', 'unix']),
    families: new Set(['ipv4', 'ipv6', 'unix']),
    states: new Set(ALL_STATES),
  },
  owners: true,
  now: () => new Date(),
  ...JSON.parse(process.argv[2] ?? '{}'),
})
process.stdout.write(JSON.stringify(plainSnapshot(snapshot)))
