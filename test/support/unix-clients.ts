/**
 * A script for Python that makes sockets with files which do not listen, prints a line when they are
 * there, and waits: `bound`; `client`, connected to the listener `server`; `orphan`, a client whose
 * server has gone; `datagram-client`, connected to another; and `closed`, the file of a listener that
 * was closed while a nameless client's connection to it goes on.
 */
export function unixClients(folder: string): string {
  return `
import os, socket, sys
os.chdir(${JSON.stringify(folder)})
for name in ('server', 'client', 'orphan', 'closed', 'bound', 'gone', 'datagrams', 'datagram-client'):
    if os.path.exists(name): os.unlink(name)

def bound(name, kind=socket.SOCK_STREAM):
    one = socket.socket(socket.AF_UNIX, kind)
    one.bind(os.path.abspath(name))
    return one

def connected(one, name):
    one.connect(os.path.abspath(name))
    return one

server, gone, closed = [bound(name) for name in ('server', 'gone', 'closed')]
for one in (server, gone, closed): one.listen()
client = connected(bound('client'), 'server')
accepted = server.accept()
orphan = connected(bound('orphan'), 'gone')
gone.accept()[0].close()
gone.close()
nameless = connected(socket.socket(socket.AF_UNIX), 'closed')
served = closed.accept()
closed.close()
waiting = bound('bound')
datagrams = bound('datagrams', socket.SOCK_DGRAM)
other = connected(bound('datagram-client', socket.SOCK_DGRAM), 'datagrams')
print(1, flush=True)
sys.stdin.read()
`
}
