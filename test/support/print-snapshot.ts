// Takes a snapshot and prints it as JSON, for tests that look from another namespace or as another
// user. Usage: node print-snapshot.mjs '{"source": "procfs", "owners": true, "procRoot": "/proc"}'.
// What is wanted can be said there too: "protocols" and "details" as lists, "kernelFilter" in hex.
// With a number behind it so many are taken, one line each.
import { ALL_STATES } from '../../src/inspect/select/states.ts'
import { type SnapshotRequest, takeSnapshot } from '../../src/inspect/snapshot.ts'
import { plainSnapshot } from './plain-snapshot.ts'

const {
  protocols = ['tcp', 'udp', 'unix'],
  details = [],
  kernelFilter,
  ...rest
} = JSON.parse(process.argv[2] ?? '{}')

const request: SnapshotRequest = {
  wanted: {
    protocols: new Set(protocols),
    families: new Set(['ipv4', 'ipv6', 'unix', 'packet', 'netlink', 'vsock']),
    states: new Set(ALL_STATES),
    details: new Set(details),
    kernelFilter: kernelFilter && Buffer.from(kernelFilter, 'hex'),
  },
  owners: true,
  now: () => new Date(),
  ...rest,
}
for (let left = Number(process.argv[3] ?? 1); left > 0; left--) {
  const snapshot = plainSnapshot(await takeSnapshot(request))
  process.stdout.write(`${JSON.stringify(snapshot)}\n`)
}
