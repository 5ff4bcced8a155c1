import type { BindResult } from '../explain/bind-probe.ts'
import { isBindable } from '../explain/refused-binds.ts'
import type { Holder, PortReport } from '../explain/report-types.ts'
import { formatTarget } from '../explain/target.ts'
import { inspectThere, runThere } from './next-place.ts'
import type { Step } from './next-steps.ts'
import { type Reader, serviceOf } from './report-words.ts'
import { shellWord } from './shell-word.ts'
import { engineOf, stopCommand } from './stop-command.ts'

/** What to type next about a port. */
export function portSteps(report: PortReport, reader: Reader): Step[] {
  const { holders, port } = report
  const [first] = holders
  const target = shellWord(formatTarget({ kind: 'port', port, host: report.host }))
  if (first === undefined) return nobodySteps(report, reader, target)
  const table = { what: 'Every socket', command: inspectThere(`--port ${port}`, reader.place) }
  if (holders.some(({ ownership }) => ownership.kind === 'hidden')) {
    // Whom the system refuses as root, it refuses again.
    return reader.uid === 0 ? [table] : [{ what: 'See the owner', command: reader.rootCommand }]
  }
  if (report.unseen.length > 0) return [table, ...unseenSteps(report, reader)]
  switch (first.cause) {
    case 'container':
      return [table, ...containerSteps(first)]
    case 'outgoing':
    case 'connected':
      return [table, ...sourceSteps(report)]
    case 'closing':
    case 'time-wait':
      return isBindable(report.trials)
        ? [listenStep(target)]
        : [{ what: 'Look again', command: inspectThere(target, reader.place) }]
    case 'udp':
      return [{ what: 'What it holds', command: processCommand(first, reader) ?? table.command }]
    case 'listener':
      return holders[1]?.cause === 'listener'
        ? [
            table,
            { what: 'What one holds', command: processCommand(first, reader) ?? table.command },
          ]
        : [table, ...stopSteps(first, reader, port), ...leakSteps(report, reader)]
    case 'inherited':
    case 'bound':
    case 'accepted':
      return [table, ...stopSteps(first, reader, port)]
  }
}

function containerSteps({ story }: Holder): Step[] {
  const { container, standIn } = story ?? {}
  const engine = engineOf(standIn)
  if (container !== undefined) {
    return [{ what: 'Stop it', command: stopCommand(container, engine) }]
  }
  const port = standIn?.kind === 'docker-proxy' ? ` --filter publish=${standIn.port}` : ''
  return [{ what: 'Which container', command: `${engine} ps${port}` }]
}

function stopSteps({ story, records }: Holder, { uid, place }: Reader, port: number): Step[] {
  // The pids of another /proc are no pids here.
  if (story === undefined || place.proc !== undefined) return []
  const { facts, placement, container } = story
  const command = runThere(`sockctl inspect ${port} --free`, records, { pid: facts.pid, uid })
  const free = { what: 'Stop it', command }
  if (facts.state === 'stopped') {
    const shell =
      facts.terminal === undefined ? [] : [{ what: `In ${facts.terminal}`, command: 'fg' }]
    return [free, ...shell, { what: 'Resume it', command: `kill -CONT ${facts.pid}` }]
  }
  if (placement?.container !== undefined) {
    const { kind, id } = placement.container
    const name = container?.name ?? id.slice(0, 12)
    if (kind === 'docker' || kind === 'podman') {
      return [{ what: 'Stop it', command: `${kind} stop ${shellWord(name)}` }]
    }
  }
  const service = serviceOf(story)
  if (service !== undefined) {
    const user = placement?.manager === 'user' ? ' --user' : ''
    const sudo = user === '' && uid !== 0 ? 'sudo ' : ''
    return [{ what: 'Stop it', command: `${sudo}systemctl${user} stop ${shellWord(service)}` }]
  }
  return [free]
}

/** One look does not tell whether they stay: those that are just being closed are among them. */
function leakSteps({ unclosed, port }: PortReport, { place }: Reader): Step[] {
  if (unclosed === 0) return []
  return [{ what: 'Does it leak', command: inspectThere(`${port} --leaks`, place) }]
}

/** Each network namespace lends ports of its own: only those of this one are known. */
function sourceSteps({ port, ephemeral, isOwnPlace }: PortReport): Step[] {
  if (!isOwnPlace || port < ephemeral.first || port > ephemeral.last) return []
  return [
    {
      what: 'Reserve it',
      command: `sudo sysctl net.ipv4.ip_local_reserved_ports=${port}`,
    },
  ]
}

function nobodySteps(report: PortReport, reader: Reader, target: string): Step[] {
  const { trials, otherNamespaces, port } = report
  const has = (result: BindResult): boolean => trials?.some(one => one.result === result) ?? false
  if (has('in-use')) return unseenSteps(report, reader)
  if (otherNamespaces.length > 0) {
    return [{ what: 'See it', command: `sockctl inspect --netns all --port ${port}` }]
  }
  if (has('denied') && port < report.firstUnprivileged) {
    return [
      {
        what: 'Allow it to everybody',
        command: `sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
      },
    ]
  }
  if (has('not-local') || has('unsupported')) return [ADDRESSES]
  const failure = trials?.find(({ result }) => result === 'failed')
  if (failure !== undefined) {
    const isOurs = failure.errno === 'EMFILE'
    return [isOurs ? { what: 'How many files may be open', command: 'ulimit -n' } : ADDRESSES]
  }
  if (trials !== undefined) return [listenStep(target)]
  // In another place nothing is bound.
  return report.isOwnPlace ? [{ what: 'Try to bind it', command: `sockctl inspect ${target}` }] : []
}

function listenStep(target: string): Step {
  return { what: 'Listen on it', command: `sockctl serve ${target} --echo` }
}

const ADDRESSES: Step = { what: 'Its addresses', command: 'ip -brief address' }

/** How to find who has what no table shows. */
function unseenSteps({ candidates, port }: PortReport, reader: Reader): Step[] {
  const [one] = candidates
  if (one !== undefined) {
    return [{ what: 'What it holds', command: `sockctl inspect pid:${one.pid}` }]
  }
  return reader.uid === 0
    ? [{ what: 'Try all namespaces', command: `sockctl inspect --netns all --port ${port}` }]
    : [{ what: 'See more', command: reader.rootCommand }]
}

/** A process is looked for where it lives. */
function processCommand({ story }: Holder, { place: { proc } }: Reader): string | undefined {
  if (story === undefined) return undefined
  return inspectThere(`pid:${story.facts.pid}`, { netns: undefined, proc })
}
