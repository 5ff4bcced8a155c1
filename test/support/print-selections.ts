// Runs command lines of `sockctl inspect` up to what they select, for tests that look from another
// namespace. Reads a JSON list of parsed command lines from stdin; prints for each the sockets, by what
// `ss -e` calls them: the cookie of an IP socket, the inode of a unix socket.
import { PassThrough } from 'node:stream'
import { readFilter } from '../../src/cli/commands/inspect/filter.ts'
import { type InspectFlags, readQuestion } from '../../src/cli/commands/inspect/question.ts'
import { planSelection } from '../../src/inspect/select/plan.ts'
import { takeSnapshot } from '../../src/inspect/snapshot.ts'
import type { SocketRecord } from '../../src/inspect/types.ts'
import { readAll } from './read-all.ts'

interface CommandLine {
  readonly words: readonly string[]
  readonly flags: InspectFlags
}

const lines: CommandLine[] = JSON.parse((await readAll(process.stdin)).toString())
const selections: string[][] = []
for (const line of lines) selections.push(await select(line))
process.stdout.write(JSON.stringify(selections))

async function select({ words, flags }: CommandLine): Promise<string[]> {
  const filter = await readFilter(words, flags, { stdin: new PassThrough() })
  const { selection } = readQuestion(filter === undefined ? words : [], flags, filter)
  const userName = (): undefined => undefined
  const plan = await planSelection(selection, { wantsOwners: false, userName })
  const snapshot = await takeSnapshot({
    wanted: plan.wanted,
    source: 'sock-diag',
    owners: false,
    now: () => new Date(),
  })
  const { records } = plan.select(snapshot, { ownershipOf: undefined, userName })
  // ss 6.1 does not ask for these.
  return records.filter(({ state }) => state !== 'bound-inactive').map(nameOf)
}

function nameOf({ protocol, inode, cookie }: SocketRecord): string {
  return protocol === 'unix' ? `u${inode}` : (cookie?.toString(16) ?? '')
}
