import { describe, expect, it } from 'vitest'
import { machineColumns } from '../../../src/inspect/views/column-choice.ts'
import { csvView } from '../../../src/inspect/views/csv.ts'
import { connection, record, socketList, unixSocket } from '../../support/records.ts'

const columns = machineColumns('csv', { details: new Set(), peers: false })

const node = { pid: 4711, fd: 21, name: 'node' }

describe('csvView', () => {
  it('names its columns, and leaves unknown values empty', () => {
    const list = socketList(
      [
        record(),
        connection('127.0.0.1:8080', '127.0.0.1:40000', {
          inode: 0,
          state: 'time-wait',
          uid: undefined,
          timer: { kind: 'time-wait', expiresInMs: 59_100, retransmits: 0 },
        }),
        unixSocket('/run/a,b', { inode: 7 }),
      ],
      { 1000: [node, { ...node, fd: 22 }, { ...node, pid: 4712 }] },
    )
    expect(`\n${[...csvView(list, columns, { header: true })].join('')}`).toMatchInlineSnapshot(`
      "
      protocol,family,type,state,localAddress,localPort,remoteAddress,remotePort,peerInode,netns,ownership,pids,owners,timerKind,timerExpiresInMs,timerRetransmits,uid,user,inode,cookie,interfaceIndex,interface,mark,cgroupId,cgroup,shutdown,isV6only,socketOptions,receiveQueueBytes,sendQueueBytes,acceptQueue,acceptQueueLimit
      tcp,ipv4,,listen,127.0.0.1,8080,,,,,held,4711 4712,"node pid=4711 fd=21, node pid=4711 fd=22, node pid=4712 fd=21",,,,0,root,1000,2a,,,,,,,,,,,0,511
      tcp,ipv4,,time-wait,127.0.0.1,8080,127.0.0.1,40000,,,kernel,,,time-wait,59100,0,,,,2a,,,,,,,,,0,0,,
      unix,unix,stream,established,"/run/a,b",,,,2001,,hidden,,,,,,0,root,7,2a,,,,,,,,,0,0,,
      "
    `)
  })

  it('ends lines as RFC 4180 says, and keeps a row on its line', () => {
    const name = '=cmd|"x"\r\n,'
    const list = socketList([record()], { 1000: [{ ...node, name }] })
    const text = [...csvView(list, columns, { header: false })].join('')
    expect(text.split('\r\n')).toHaveLength(2)
    expect(text).toContain('"""=cmd|\\""x\\""\\r\\n,"" pid=4711 fd=21"')
  })
})
