// Compares what the kernel lets pass with what an expression selects, for each expression of a JSON
// list on stdin; prints a list of: whether there was a program, how many sockets are selected and
// pass, and how many are selected and do not pass. For tests that look from another namespace.
import { kernelFilter } from '../../src/inspect/select/kernel-filter.ts'
import { nameSystem } from '../../src/inspect/select/name-system.ts'
import { lookUpNames } from '../../src/inspect/select/names.ts'
import { parseFilter } from '../../src/inspect/select/parser.ts'
import { predicate } from '../../src/inspect/select/predicate.ts'
import { ALL_STATES } from '../../src/inspect/select/states.ts'
import { inetDump } from '../../src/inspect/sources/inet-diag.ts'
import { dump } from '../../src/inspect/sources/netlink.ts'
import { LITTLE_ENDIAN } from '../../src/inspect/sources/netlink-message.ts'
import type { SocketRecord } from '../../src/inspect/types.ts'
import { loadLibc } from '../../src/native/libc.ts'
import { readAll } from './read-all.ts'

export interface KernelSelection {
  readonly hasProgram: boolean
  readonly selected: number
  readonly passed: number
  /** Selected, and left in the kernel all the same. */
  readonly lost: number
}

const load = await loadLibc()
if ('missing' in load) throw new Error(load.missing)
const { libc } = load

const selections: KernelSelection[] = []
for (const text of JSON.parse((await readAll(process.stdin)).toString())) {
  selections.push(await compare(text))
}
process.stdout.write(JSON.stringify(selections))

async function compare(text: string): Promise<KernelSelection> {
  const { expression } = parseFilter(text, { portOfService: () => undefined })
  if (expression === undefined) throw new Error('an empty expression')
  const names = await lookUpNames(expression, nameSystem)
  const decide = predicate(expression, {
    source: 'sock-diag',
    names,
    userName: () => undefined,
    holdersOf: () => 'hidden',
  })
  const program = kernelFilter(expression, names)
  for (let triesLeft = MOST_TRIES; ; triesLeft--) {
    const before = await sockets(undefined)
    const passed = new Set((await sockets(program)).map(({ cookie }) => cookie))
    const after = await sockets(undefined)
    // Some end by themselves, as a TIME_WAIT does: then nothing is to be learned.
    if (triesLeft > 0 && textOf(before) !== textOf(after)) continue
    const selected = before.filter(record => decide(record) === true)
    return {
      hasProgram: program !== undefined,
      selected: selected.length,
      passed: passed.size,
      lost: selected.filter(({ cookie }) => !passed.has(cookie)).length,
    }
  }
}

const MOST_TRIES = 20

function textOf(records: readonly SocketRecord[]): string {
  return records.map(({ cookie, state }) => `${cookie} ${state}`).join('\n')
}

/** TCP and UDP sockets, those that pass a program (INET_DIAG_REQ_BYTECODE, an attribute). */
async function sockets(program: Uint8Array | undefined): Promise<SocketRecord[]> {
  const states = new Set(ALL_STATES)
  return (['tcp', 'udp'] as const).flatMap(protocol =>
    (['ipv4', 'ipv6'] as const).flatMap(family => {
      const request = inetDump({ protocol, family, states })
      const payload =
        program === undefined ? request.payload : withProgram(request.payload, program)
      return dump(libc, { ...request, payload }).items
    }),
  )
}

function withProgram(payload: Uint8Array, program: Uint8Array): Uint8Array {
  const whole = new Uint8Array(payload.length + 4 + program.length)
  const header = new DataView(whole.buffer, payload.length)
  whole.set(payload)
  header.setUint16(0, 4 + program.length, LITTLE_ENDIAN)
  header.setUint16(2, 1, LITTLE_ENDIAN)
  whole.set(program, payload.length + 4)
  return whole
}
