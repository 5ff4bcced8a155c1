import { describe, expect, it } from 'vitest'
import { csvView } from '../../../src/inspect/views/csv.ts'
import { connection, record, socketList, unixSocket } from '../../support/records.ts'

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
    expect(`\n${[...csvView(list, { header: true })].join('')}`).toMatchInlineSnapshot(`
      "
      protocol,family,type,state,localAddress,localPort,remoteAddress,remotePort,peerInode,receiveQueueBytes,sendQueueBytes,acceptQueue,acceptQueueLimit,timer,expiresInMs,retransmits,uid,user,inode,cookie,ownership,pids,owners
      tcp,ipv4,,listen,127.0.0.1,8080,,,,,,0,511,,,,0,root,1000,2a,held,4711 4712,"node pid=4711 fd=21, node pid=4711 fd=22, node pid=4712 fd=21"
      tcp,ipv4,,time-wait,127.0.0.1,8080,127.0.0.1,40000,,0,0,,,time-wait,59100,0,,,,2a,kernel,,
      unix,unix,stream,established,"/run/a,b",,,,2001,0,0,,,,,,0,root,7,2a,hidden,,
      "
    `)
  })

  it('ends lines as RFC 4180 says, and keeps a row on its line', () => {
    const name = '=cmd|"x"\r\n,'
    const list = socketList([record()], { 1000: [{ ...node, name }] })
    const text = [...csvView(list, { header: false })].join('')
    expect(text.split('\r\n')).toHaveLength(2)
    expect(text).toContain('"""=cmd|\\""x\\""\\r\\n,"" pid=4711 fd=21"')
  })
})
