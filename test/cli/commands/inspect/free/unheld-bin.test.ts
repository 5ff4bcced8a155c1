import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPeer } from '../../../../support/peers.ts'
import { type Outcome, sockctl } from '../../../../support/sockctl.ts'
import { hasTakenPorts, type TakenPorts, takenPorts } from '../../../../support/taken-ports.ts'

describe.skipIf(!hasTakenPorts)('sockctl inspect --free, where only the kernel has a port', () => {
  let taken: TakenPorts

  beforeAll(async () => {
    taken = await takenPorts()
  })

  afterAll(() => taken.close())

  const portOf = (name: string): number => taken.ports[name] ?? 0
  const free = (port: number, ...more: readonly string[]): Promise<Outcome> =>
    sockctl(['inspect', `${port}`, '--free', '--yes', '--json', ...more], {
      through: taken.inside,
    })
  const resultsOf = ({ stdout }: Outcome): unknown => JSON.parse(stdout).results

  it('says that TIME-WAIT keeps no server away when a bind has shown it', async () => {
    const port = portOf('time-wait')
    const run = await free(port)
    expect(run.stderr).toMatch(
      new RegExp(
        `^nothing holds port ${port} but what is left of 1 connection \\(TIME-WAIT\\), which keeps no server away: over in [\\d.]+ s\\n$`,
      ),
    )
    expect(resultsOf(run)).toMatchObject([{ outcome: 'time-wait', ports: [port] }])
    expect(run.code).toBe(1)
  })

  it('says that it does where a bind is refused', async () => {
    const port = portOf('time-wait-plain')
    const run = await free(port)
    expect(run.stderr).toMatch(
      new RegExp(
        `^port ${port} is not free: what is left of 1 connection \\(TIME-WAIT\\) keeps it for [\\d.]+ s more, and there is no process to stop\\n$`,
      ),
    )
    expect(resultsOf(run)).toMatchObject([{ outcome: 'time-wait', ports: [port] }])
    expect(run.code).toBe(1)
  })

  it('does not take it for all where something else stands in the way', async () => {
    const port = portOf('time-wait-and-bound')
    const run = await free(port, '--source', 'procfs')
    expect(run.stderr).toContain(
      `port ${port} is not free: binding :: and ::1 is refused (EADDRINUSE), though nobody is seen to hold it\n`,
    )
    expect(resultsOf(run)).toMatchObject([{ outcome: 'still-held' }])
    expect(run.code).toBe(1)
  })

  it.skipIf(!hasPeer('setpriv'))('promises nothing where it may not bind', async () => {
    const port = portOf('time-wait')
    const setUp = 'sysctl -qw net.ipv4.ip_unprivileged_port_start=8000 && exec "$@"'
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const run = await sockctl(['inspect', `${port}`, '--free', '--yes', '--json'], {
      through: [...taken.inside, 'sh', '-c', setUp, '-', ...nobody],
    })
    expect(run.stderr).toMatch(
      new RegExp(
        `^port ${port}: nothing is seen but what is left of 1 connection \\(TIME-WAIT\\), over in [\\d.]+ s, but no bind shows that: only root can bind it \\(EACCES\\)\\nAs root: `,
      ),
    )
    expect(resultsOf(run)).toMatchObject([{ outcome: 'unproven' }])
    expect(run.code).toBe(8)
  })
})
