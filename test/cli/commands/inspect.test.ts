import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../../src/main.ts'
import { fakeContext, run } from '../../support/context.ts'
import { listenOnQuietPort } from '../../support/quiet-port.ts'

/** A listener of this process, and one connection to it from this process. */
let server: Server
let client: Socket
let port: number

beforeAll(async () => {
  server = createServer()
  port = await listenOnQuietPort(server)
  client = connect(port, '127.0.0.1')
  await Promise.all([once(client, 'connect'), once(server, 'connection')])
  await nextTurn()
})

afterAll(async () => {
  client.destroy()
  server.close()
  await once(server, 'close')
})

/** `sockctl inspect ...` without a terminal. */
const inspect = (...argv: string[]) => run(['inspect', ...argv])

/** The rows of a table by their cells; PROCESS, which has blanks, is one. */
function rows(table: string): string[][] {
  const lines = table.trimEnd().split('\n')
  return lines.map(line => line.split(/ {2,}/))
}

describe('sockctl inspect', () => {
  it("shows the listeners as they were, in the columns of somebody's choice", async () => {
    const { code, stdout } = await inspect('--columns', '+local', '--sort', 'local')
    const [headings, ...listeners] = rows(stdout)
    // DROPS stands there too while a listener of somebody has dropped some.
    const standing = headings?.filter(heading => heading !== 'DROPS')
    expect(standing).toEqual(['PROTO', 'LOCAL', 'OPEN TO', 'PROCESS'])
    const ours = listeners.find(([, local]) => local === `127.0.0.1:${port}`)
    expect(ours?.filter(cell => cell !== '0')).toEqual([
      'tcp',
      `127.0.0.1:${port}`,
      'localhost',
      expect.stringContaining(`pid=${process.pid} fd=`),
    ])
    expect(code).toBe(0)
  })

  it.each([
    ['two ports', (): string[] => [`${port}`, `${port}`]],
    ['a list', (): string[] => [`${port},${port}`]],
    ['--port', (): string[] => ['--port', `${port}`]],
    ['a range', (): string[] => [`${port}-${port}`]],
  ])('shows everything that uses %s, with who holds it', async (_, argv) => {
    const { code, stdout } = await inspect(...argv())
    const [headings, ...found] = rows(stdout)
    expect(headings).toEqual(['PROTO', 'STATE', 'RECV-Q', 'SEND-Q', 'LOCAL', 'PEER', 'PROCESS'])
    expect(found.map(([, state]) => state).sort()).toEqual(['ESTAB', 'ESTAB', 'LISTEN'])
    expect(found.every(row => row.at(-1)?.includes(` pid=${process.pid} fd=`))).toBe(true)
    expect(code).toBe(0)
  })

  it('shows processes in a list only when asked to', async () => {
    expect(rows((await inspect('-tl')).stdout)[0]).not.toContain('PROCESS')
    expect(rows((await inspect('-tlp')).stdout)[0]).toContain('PROCESS')
  })

  it('adds timers with -o, and users and numbers with -e', async () => {
    const { stdout } = await inspect('-taoe')
    expect(rows(stdout)[0]?.slice(6, 10)).toEqual(['TIMER', 'USER', 'INODE', 'COOKIE'])
  })

  it('adds what TCP knows with -i, and memory with -m', async () => {
    const { stdout } = await inspect('-taim')
    const headings = rows(stdout)[0]
    expect(headings).toEqual(expect.arrayContaining(['RTT', 'CWND', 'CONG', 'SENT', 'LIMITED']))
    expect(headings?.slice(-3)).toEqual(['RECV-MEM', 'SEND-MEM', 'DROPS'])
  })

  it('shows the columns that were asked for, in any format', async () => {
    const asked = ['--port', `${port}`, '--columns', 'local,peer,state', '--sort', '-state,peer']
    const [headings, ...found] = rows((await inspect(...asked)).stdout)
    expect(headings).toEqual(['LOCAL', 'PEER', 'STATE'])
    expect(found.map(([, , state]) => state)).toEqual(['LISTEN', 'ESTAB', 'ESTAB'])
    const { sockets } = JSON.parse((await inspect(...asked, '--json')).stdout)
    expect(sockets.map(Object.keys)).toEqual([
      ['local', 'state'],
      ['local', 'remote', 'state'],
      ['local', 'remote', 'state'],
    ])
    const csv = (await inspect(...asked, '--csv')).stdout
    expect(csv).toMatch(/^local,remote,state\r\n/)
  })

  it('adds and takes away columns', async () => {
    const { stdout } = await inspect('-ta', '--columns', '-recv-q,+uid', '--columns', '-send-q')
    expect(rows(stdout)[0]).toEqual(['PROTO', 'STATE', 'LOCAL', 'PEER', 'UID'])
  })

  it('asks for owners when a column or an order needs them', async () => {
    const asked = ['-ta', '--port', `${port}`]
    const { stdout } = await inspect(...asked, '--columns', 'pids')
    expect(rows(stdout)).toEqual([['PIDS'], ...Array(3).fill([`${process.pid}`])])
  })

  it.skipIf(process.platform !== 'linux')('tells what the holders run, where asked', async () => {
    const asked = ['--port', `${port}`, '-l', '--columns', 'cwd,command', '--json']
    const { sockets } = JSON.parse((await inspect(...asked)).stdout)
    expect(sockets).toEqual([{ cwd: process.cwd(), command: expect.stringContaining('node') }])
    const all = JSON.parse((await inspect('--port', `${port}`, '--json')).stdout).sockets
    for (const key of ['command', 'cwd', 'unit', 'container'])
      expect(all[0]).not.toHaveProperty(key)
  })

  it('shows the first so many, and says how many it left out', async () => {
    const { stdout, stderr } = await inspect('--port', `${port}`, '--sort', 'state', '--top', '1')
    expect(
      rows(stdout)
        .slice(1)
        .map(([, state]) => state),
    ).toEqual(['ESTAB'])
    expect(stderr).toContain('2 more sockets left out by --top\n')
    const json = await inspect('--port', `${port}`, '--top', '1', '--json')
    expect(JSON.parse(json.stdout).sockets).toHaveLength(1)
    expect(json.stderr).toBe('')
  })

  it('counts by what was asked for', async () => {
    const asked = ['--port', `${port}`, '--group-by']
    expect(rows((await inspect(...asked, 'remote')).stdout)).toEqual([
      ['REMOTE', 'SOCKETS', 'ESTAB', 'LISTEN'],
      ['127.0.0.1', '2', '2', '0'].map(cell => expect.stringMatching(`^ *${cell}$`)),
      ['(no peer)', '1', '0', '1'].map(cell => expect.stringContaining(cell)),
    ])
    const { groups } = JSON.parse((await inspect(...asked, 'process', '--json')).stdout)
    expect(groups).toEqual([
      {
        by: 'process',
        group: expect.stringContaining(` pid=${process.pid}`),
        count: 3,
        states: { established: 2, listen: 1 },
      },
    ])
    const lines = (await inspect(...asked, 'state', '--ndjson')).stdout.trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line).event)).toEqual(['snapshot', 'group', 'group'])
    expect((await inspect(...asked, 'port', '--csv')).stdout).toContain('\r\n')
  })

  it('names who holds the other end of a connection', async () => {
    const { stdout } = await inspect('--state', 'estab', '--port', `${port}`, '--peer')
    const [headings, ...found] = rows(stdout)
    expect(headings?.at(-1)).toBe('PEER-PROCESS')
    expect(found).toHaveLength(2)
    for (const row of found) expect(row.at(-1)).toContain(` pid=${process.pid} fd=`)
    const { sockets } = JSON.parse(
      (await inspect('--state', 'estab', '--port', `${port}`, '--peer', '--json')).stdout,
    )
    expect(sockets.map((one: { peerOwners: unknown }) => one.peerOwners)).toEqual([
      [expect.objectContaining({ pid: process.pid })],
      [expect.objectContaining({ pid: process.pid })],
    ])
  })

  it('finds sockets by the process that holds them', async () => {
    const byPid = await inspect('--pid', `${process.pid}`, '-t')
    expect(rows(byPid.stdout).slice(1).length).toBeGreaterThanOrEqual(3)
    const { sockets } = JSON.parse((await inspect('--port', `${port}`, '--json')).stdout)
    const { name } = sockets[0].owners[0]
    const byName = await inspect('--process', name, '--port', `${port}`, '-l')
    expect(rows(byName.stdout)).toHaveLength(2)
  })

  it('counts with -s', async () => {
    const { code, stdout } = await inspect('-s', '--port', `${port}`)
    expect(rows(stdout)).toEqual(
      [
        ['STATE', 'TCP/IPV4', 'TOTAL'],
        ['established', '2', '2'],
        ['listen', '1', '1'],
        ['total', '3', '3'],
      ].map(([state = '', ...counts]) => [state, ...counts]),
    )
    expect(code).toBe(0)
  })

  it('leaves the headings out with -H', async () => {
    const { stdout } = await inspect('-tlH', '--port', `${port}`)
    expect(stdout).toMatch(/^tcp +LISTEN /)
  })

  it('counts in JSON too', async () => {
    const { stdout } = await inspect('-s', '--port', `${port}`, '--json')
    expect(JSON.parse(stdout).counts).toContainEqual({
      protocol: 'tcp',
      family: 'ipv4',
      state: 'established',
      count: 2,
    })
  })

  it.each([['--json'], ['--ndjson'], ['--csv']])('says nothing beside %s', async format => {
    const { code, stdout, stderr } = await inspect(format, '--port', `${port}`)
    expect(stdout).toContain(`${process.pid}`)
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  describe('when nothing matches', () => {
    /** A port that nobody can use: ours, one state that nothing is in. */
    const nothing = () => ['--port', `${port}`, '--state', 'closing']

    it('says so in a sentence, and answers no', async () => {
      const { code, stdout, stderr } = await inspect(...nothing())
      expect(stdout).toBe('')
      expect(stderr).toContain(`there is no TCP or UDP socket in state closing on port ${port}\n`)
      expect(code).toBe(1)
    })

    it('is a document without sockets in JSON', async () => {
      const { code, stdout, stderr } = await inspect(...nothing(), '--json')
      expect(JSON.parse(stdout).sockets).toEqual([])
      expect(stderr).toBe('')
      expect(code).toBe(1)
    })

    it('names the process', async () => {
      const { code, stderr } = await inspect('--process', 'no-such', '--port', `${port}`)
      expect(stderr).toContain(
        `there is no TCP or UDP socket on port ${port} of a process named no-such\n`,
      )
      expect(code).toBe(1)
    })

    it('guesses the process that was meant', async () => {
      const { sockets } = JSON.parse((await inspect('--port', `${port}`, '--json')).stdout)
      const { name } = sockets[0].owners[0]
      const { stderr } = await inspect('--process', `${name.slice(0, -1)}_`, '--port', `${port}`)
      expect(stderr).toContain(`\nDid you mean ${name}?\n`)
    })

    it('knows what a process that it may look into does not hold', async () => {
      const { code, stderr } = await inspect('--pid', `${process.pid}`, '--state', 'closing')
      expect(stderr).toContain(`there is no socket in state closing of process ${process.pid}\n`)
      expect(code).toBe(1)
    })

    it('tells a process without sockets from none', async () => {
      const { code, stderr } = await inspect('--pid', '4194304000')
      expect(stderr).toBe('sockctl: there is no process 4194304000\n')
      expect(code).toBe(3)
    })

    it('is no answer when nothing was named', async () => {
      const { code, stdout } = await inspect('-u6', '--color', 'never')
      expect(stdout).toMatch(/^PROTO /)
      expect(code).toBe(0)
    })
  })

  it.each([
    [['nginx', 'adn'], '"nginx" is neither a port nor a word of the filter language'],
    [['70000'], 'port 70000 is too large (65535 at most)'],
    [['pid:x'], '"x" is not a pid'],
    [['sport', '='], 'sport needs a value'],
    [['--state', 'lisetn'], 'option --state <states>: no such state: "lisetn"'],
    [['--columns', 'lcoal'], 'option --columns <columns>: no such column: "lcoal"'],
    [['--sort', '-lcoal'], 'option --sort <columns>: no such column: "lcoal"'],
    [['--top', 'x'], 'option --top <n>: not a whole number: "x"'],
    [['--group-by', 'colour'], '"colour" is not one of state, process, remote,'],
    [['--port', '70000'], 'option --port <ports>: port 70000 is too large (65535 at most)'],
    [['--pid', 'node'], 'option --pid <pid>: "node" is not a pid'],
    [
      ['--source', 'lsof'],
      '"lsof" is not one of sock-diag, procfs, iphlpapi, netstat, systeminformation',
    ],
    [['--json', '--csv'], "option '--json' cannot be used with option '--csv'"],
    [['-Z'], "unknown option '-Z'"],
  ])('refuses %j', async (argv, message) => {
    const { code, stdout, stderr } = await inspect(...argv)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  it('says where it should have looked when there is no such place', async () => {
    const { code, stderr } = await inspect('--source', 'procfs', '--proc', '/nonexistent')
    expect(stderr).toMatch(/^sockctl: .*\/nonexistent/)
    expect([3, 9]).toContain(code)
  })

  describe('with a filter', () => {
    const states = (stdout: string) =>
      rows(stdout)
        .slice(1)
        .map(([, state]) => state)

    it('shows what it selects in every state, with who holds it', async () => {
      const { code, stdout, stderr } = await inspect('sport', '=', `:${port}`)
      expect(rows(stdout)[0]).toContain('PROCESS')
      expect(states(stdout).sort()).toEqual(['ESTAB', 'LISTEN'])
      expect(stderr).toBe('')
      expect(code).toBe(0)
    })

    it('shows only connected sockets beside options of ss, as ss does', async () => {
      expect(states((await inspect('-t', `sport = :${port}`)).stdout)).toEqual(['ESTAB'])
      expect(states((await inspect('-tl', `sport = :${port}`)).stdout)).toEqual(['LISTEN'])
      const { stdout } = await inspect('-t', 'state', 'listen', `sport = :${port}`)
      expect(states(stdout)).toEqual(['LISTEN'])
    })

    it('goes with ports and options', async () => {
      const { stdout } = await inspect(
        `${port}`,
        'and',
        'state',
        '!=',
        'listen',
        '--pid',
        `${process.pid}`,
      )
      expect(states(stdout)).toEqual(['ESTAB', 'ESTAB'])
    })

    it('asks for owners when it needs them', async () => {
      const { stdout } = await inspect('-s', `port = ${port} and pid = ${process.pid}`)
      expect(rows(stdout).at(-1)).toEqual(['total', '3', '3'])
    })

    it('points at a mistake', async () => {
      const { code, stdout, stderr } = await inspect(
        'sport',
        '=',
        ':80',
        'adn',
        'dport',
        '=',
        ':81',
      )
      expect(stdout).toBe('')
      expect(stderr).toBe(
        [
          'sockctl: "adn" is neither a port nor a word of the filter language',
          '  sport = :80 adn dport = :81',
          '              ^^^',
          '  Did you mean and?',
          '',
        ].join('\n'),
      )
      expect(code).toBe(2)
    })

    it('says how it has read "or" and "and" without brackets', async () => {
      const { stderr } = await inspect(`sport = :${port} or sport = :1 and dport = :0`)
      expect(stderr).toBe(
        `"and" and "or" are read from left to right, as in ss: (sport = :${port} or sport = :1) and dport = :0\n`,
      )
    })

    it('answers no in a sentence', async () => {
      const { code, stderr } = await inspect(`state closing and sport = :${port}`)
      expect(stderr).toContain(
        `there is no socket in state closing that matches sport = :${port}\n`,
      )
      expect(code).toBe(1)
    })

    it('fails when it depends on what the source does not know', async () => {
      const argv = ['--source', 'procfs', `sport = :${port} and dev = lo`]
      const { code, stdout, stderr } = await inspect(...argv)
      expect(stdout).toBe('')
      expect(stderr).toContain('sockctl: cannot select by dev: procfs does not tell it\n')
      expect(code).toBe(9)
    })

    it('fails when a name stands for nothing', async () => {
      const { code, stderr } = await inspect('dev = no-such-device')
      expect(stderr).toContain('sockctl: there is no interface "no-such-device"\n')
      expect(code).toBe(3)
    })

    it('comes from stdin with -F -', async () => {
      const world = { stdin: `# ours\nsport = :${port}\n` }
      const { stdout } = await run(['inspect', 'state', 'listen', '-F', '-'], world)
      expect(states(stdout)).toEqual(['LISTEN'])
    })
  })

  describe('on a terminal', () => {
    const onTerminal = (...argv: string[]) => run(['inspect', ...argv], { columns: 200 })

    it('answers first and helps last', async () => {
      const { stderr } = await onTerminal()
      const lines = stderr.trimEnd().split('\n')
      expect(lines[0]).toMatch(
        /^\d+ listeners?(?:, \d+ looks? forgotten)?; TCP: .*established.*\.$/,
      )
      expect(lines.at(-1)).toMatch(/^Details: sockctl inspect \d+$/)
    })

    it('answers about a port', async () => {
      const { stderr } = await onTerminal('--port', `${port}`)
      expect(stderr.split('\n')[0]).toBe(`port ${port}: 1 listener, 2 connections`)
    })

    it('counts what a list shows, and where it comes from', async () => {
      const { stdout, stderr } = await onTerminal('-tan')
      expect(stderr).toContain(`${rows(stdout).length - 1} sockets (`)
    })

    it('has colour, unless told otherwise', async () => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is looked for
      const colour = /\x1b\[/
      expect((await onTerminal('-tl')).stdout).toMatch(colour)
      expect((await onTerminal('-tl', '--color', 'never')).stdout).not.toMatch(colour)
      const plain = await run(['inspect', '-tl'], { columns: 200, env: { NO_COLOR: '1' } })
      expect(plain.stdout).not.toMatch(colour)
      expect((await inspect('-tl')).stdout).not.toMatch(colour)
      expect((await inspect('-tl', '--color', 'always')).stdout).toMatch(colour)
    })

    it('cuts rows to its width, and only there', async () => {
      const { stdout } = await run(['inspect', '--port', `${port}`], {
        columns: 80,
        env: { NO_COLOR: '1' },
      })
      expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
    })
  })

  it('says nothing when its reader has left', async () => {
    const context = fakeContext()
    context.closeOutput()
    expect(await main(['inspect', '-tan'], context)).toBe(0)
    expect(context.stdout.text).toBe('')
  })
})
