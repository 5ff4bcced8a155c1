import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseCgroup } from '../owners/cgroup/path.ts'
import type { Container } from '../owners/cgroup/placement.ts'
import { shortId } from '../owners/container/short-id.ts'
import { placementOfProcess } from '../owners/places.ts'
import type { Ancestor } from '../owners/process/ancestors.ts'
import { readCommandWords } from '../owners/process/facts.ts'
import { ownerWords } from '../views/report-words.ts'

/** What starts a process again when it has ended. */
export interface Supervisor {
  /** `systemd (shop.service)`, `nodemon (pid 4711)`. One that a process chose is quoted if need be. */
  readonly name: string
  /** What to type in place of stopping the process. */
  readonly stop: string
  /** Whether it waits for a file to change before it starts the process again. */
  readonly waitsForChange: boolean
}

/**
 * Finds what would start a process again: its container, its unit of systemd, or a process above it
 * that is known to. That one does is not certain: it depends on how it was set up.
 *
 * @param ancestors the nearest first
 * @param viewerPid who asks: what both run in is no supervisor
 */
export function findSupervisor(
  { pid, ancestors }: { readonly pid: number; readonly ancestors: readonly Ancestor[] },
  { viewerPid, procRoot = '/proc' }: { readonly viewerPid: number; readonly procRoot?: string },
): Supervisor | undefined {
  const here = placementOfProcess(viewerPid, procRoot)
  const there = placementOfProcess(pid, procRoot)
  const { container, unit } = there ?? {}
  if (container !== undefined && container.id !== here?.container?.id) return ofContainer(container)
  for (const ancestor of ancestors) {
    const keeper = keeperOf(ancestor, pid, procRoot)
    if (keeper !== undefined) return keeper
  }
  if (unit?.endsWith('.service') && unit !== here?.unit) return ofUnit(unit, pid, procRoot)
  return undefined
}

function ofContainer({ kind, id }: Container): Supervisor {
  const name = plainWord(shortId(id)) ?? 'NAME'
  const stop = CONTAINER_STOP[kind] ?? 'stop'
  return { name: `container ${name} (${kind})`, stop: `${stop} ${name}`, waitsForChange: false }
}

const CONTAINER_STOP: Readonly<Partial<Record<Container['kind'], string>>> = {
  docker: 'docker stop',
  podman: 'podman stop',
  containerd: 'nerdctl stop',
  'cri-o': 'crictl stop',
  kubernetes: 'crictl stop',
  lxc: 'lxc-stop -n',
  machine: 'machinectl poweroff',
  unknown: 'docker stop',
}

function ofUnit(unit: string, pid: number, procRoot: string): Supervisor {
  const isOfUser = /\/user@\d+\.service\//.test(cgroupText(pid, procRoot))
  const stop = `systemctl ${isOfUser ? '--user ' : ''}stop ${plainWord(unit.replace(/\.service$/, '')) ?? 'UNIT'}`
  return { name: `systemd (${unit})`, stop, waitsForChange: false }
}

function cgroupText(pid: number, procRoot: string): string {
  try {
    return parseCgroup(readFileSync(`${procRoot}/${pid}/cgroup`, 'utf8')) ?? ''
  } catch {
    return ''
  }
}

/** Programs that keep others running, by their own name or that of the script they run. */
const KEEPERS: readonly {
  readonly program: RegExp
  readonly stop: string
  readonly waitsForChange?: true
}[] = [
  { program: /^pm2\b.*|^God Daemon/i, stop: 'pm2 stop %pm2' },
  { program: /^supervisord$/, stop: 'supervisorctl stop %supervisord' },
  { program: /^runsv$/, stop: 'sv stop %word' },
  { program: /^s6-supervise$/, stop: 's6-svc -d /run/service/%word' },
  { program: /^(?:forever|monit|god|circusd|foreman|overmind)$/, stop: 'kill %pid' },
  {
    program:
      /^(?:nodemon|ts-node-dev|tsnd|node-dev|watchexec|cargo-watch|entr|air|reflex|gow|supervisor)(?:\.[cm]?js)?$/,
    stop: 'kill %pid',
    waitsForChange: true,
  },
]

function keeperOf(ancestor: Ancestor, pid: number, procRoot: string): Supervisor | undefined {
  const words = readCommandWords(ancestor.pid, procRoot)
  const programs = [ancestor.name, ...words.slice(0, 3).map(word => basename(word))]
  const found = KEEPERS.find(({ program }) => programs.some(one => program.test(one)))
  const isNodeWatch = ancestor.name === 'node' && words.some(word => /^--watch(?:-|=|$)/.test(word))
  if (found === undefined && !isNodeWatch) return undefined
  const { stop, waitsForChange = false } = found ?? { stop: 'kill %pid', waitsForChange: true }
  const program = programs.find(one => found?.program.test(one))
  const { pid: keeper } = ancestor
  return {
    name:
      program === undefined
        ? `node --watch (pid ${keeper})`
        : ownerWords({ name: program, pid: keeper }),
    stop: stop.replace(/%(\w+)/, (_, what: string) =>
      nameFor(what, { ancestor, words, pid, procRoot }),
    ),
    waitsForChange,
  }
}

/** By which name the keeper knows the process. */
function nameFor(
  what: string,
  {
    ancestor,
    words,
    pid,
    procRoot,
  }: {
    readonly ancestor: Ancestor
    readonly words: readonly string[]
    readonly pid: number
    readonly procRoot: string
  },
): string {
  switch (what) {
    case 'pm2':
      return variable('pm_id', pid, procRoot) ?? 'NAME (pm2 list tells it)'
    case 'supervisord':
      return variable('SUPERVISOR_PROCESS_NAME', pid, procRoot) ?? 'NAME'
    case 'word':
      return plainWord(words[1]) ?? 'NAME'
    default:
      return String(ancestor.pid)
  }
}

/** One plain word from the environment by which a keeper tells a process how it calls it. */
function variable(name: string, pid: number, procRoot: string): string | undefined {
  try {
    const variables = readFileSync(`${procRoot}/${pid}/environ`, 'utf8').split('\0')
    const value = variables.find(one => one.startsWith(`${name}=`))?.slice(name.length + 1)
    return plainWord(value)
  } catch {
    return undefined
  }
}

/** Names come from outside, and what is advised is copied into a shell: only what it takes as it is. */
function plainWord(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w@:.-]{1,128}$/.test(text) ? text : undefined
}
