import type { Note } from '../types.ts'

/** Prose for sockctl-connect(1). */
export const CONNECT_NOTES: readonly Note[] = [
  {
    title: 'How it ends',
    text: `What is sent and when it is over, by where the input comes from:

  input            at its end                  over when
  terminal         Ctrl-D half-closes          the peer ends its side
  pipe, file       half-close (FIN)            the peer ends its side
  </dev/null, <&-  half-close at once          the peer ends its side
  -d, --recv-only  never read, no FIN          the peer ends its side
  --send...        the connection stays open   500ms of silence after
                                               the first byte, or 30s
  --send... -N     half-close                  the same
  --send-only      close                       all is sent
  --no-shutdown    the connection stays open   the peer ends its side
  -u, Socket.IO    there is no end to tell     1s after all is sent
  over WebSocket   the connection stays open   as with --send

A half-close (shutdown(2) with SHUT_WR, a FIN) tells the peer that nothing more comes; what it still has to say is read to its end, however long that takes. -q, --expect, --lines, --bytes and --idle end it earlier, --timeout in any case.

When the peer ends first, a terminal is done with. A file is sent to its end all the same, as many a receiver ends its own side at once and reads on. So is a pipe for as long as it flows; when it is silent for 250ms the conversation is over, unless the peer has said nothing at all and something was sent to it.`,
  },
  {
    title: 'Requests and replies',
    text: `With --send the connection stays open after the request, because most servers that answer requests expect more of them and some hang up on a FIN. The reply ends after 500ms of silence, counted from its first byte: a server may think for as long as --timeout allows. One that answers only at the end of its input needs -N. When nothing comes back the exit code is never 0, unless --no-reply says that this is fine; the peer is then told of the end, and 500ms of silence are enough.

A server that greets before it is asked has sent its first byte by then, and may be slower with the answer than 500ms: say what you wait for with --expect or --lines.

--lines counts whole lines. A last one without its line break counts, as for head(1), when the peer has ended in good order; one that a reset, silence or a time limit has cut off does not.

Text is sent as it stands: end a line with \\n or \\r\\n. --expect looks at bytes as they come, across chunks, up to 64 KiB back; ^ and $ stand at every line, and a + or * at the beginning stands for itself. A pattern that can be matched in very many ways, as (a+)+b can, may take JavaScript for ever: a look that takes more than a second, or longer than --timeout allows, is given up with exit code 5.`,
  },
  {
    title: 'What is shown',
    text: `stdout gets the peer's bytes and nothing else. Through a pipe or into a file they are what came. On a terminal everything that it would obey (cursor movements, titles, colours) is shown as an escape such as \\x1b instead, unless --raw.

A name is tried at all its addresses, IPv6 and IPv4 in turn, a quarter of a second apart (RFC 8305). localhost is always both 127.0.0.1 and ::1, whatever the resolver says. -v names each address and what came of it.

With --json stdout is the same, and stderr has nothing but events, a JSON object per line: tried, open, close, and error with the exit code; with -z port, for each. -v and --stats add nothing to them. Only a command line that cannot be read at all is answered in words.`,
  },
  {
    title: 'WebSockets',
    text: `A line of stdin is a message, and each message that comes is a line; --framing says otherwise: chunks (as it comes), nul, or length (four bytes before each, in network order). What is given to --send or --send-hex is one message, whatever is in it, and so is a file of --send-file (- is stdin), up to 16 MiB; with --framing they are cut as it says, and longer files are sent in pieces by --framing chunks. Messages are text where they are UTF-8, else binary.

A WebSocket has no half-close: who sends a close frame says no more and, with most servers, hears no more. So stdin is taken for a request, at the end of which the connection stays open until the reply has come; -N closes at once, --no-reply expects nothing. With --expect, --lines, --bytes, --idle or --until-close it ends when they say.

Code and reason of the peer's close are told on stderr; any but 1000, 1001 and none are exit code 4, as is a connection that breaks without a close frame (1006). A handshake that is refused shows status, headers and the beginning of the body, with exit code 6. Redirects are told and not followed. The values of Authorization and Cookie, and env:NAME and file:path anywhere in a header, are read as secrets and never shown.`,
  },
  {
    title: 'Socket.IO',
    text: `A line of stdin goes out as one event, --event or message (which is what socket.send() of the stock packages is): as a string where it is UTF-8, else as bytes. Events of that name that bring one string, or bytes, are shown as they are; any other is a line of JSON, its name first: ["move",{"x":1},"fast"]. So --expect '^\\["move"' waits for one of a given name, and --on move --lines 1 hears no other. What asks to be acknowledged is, with nothing, once it has been taken; what --on leaves out is not, as with a client that does not listen for it.

The path is the namespace. --token is shown as auth.token.`,
  },
  {
    title: 'Being let in',
    text: `--token shows a token or a JWT as a line before all else that is sent, as sockctl serve --token asks for it; over WebSocket in the header Authorization. Write env:NAME or file:path: what stands on the command line can be seen by everybody on the machine. It is in no log, and not in --hex. A server that does not take it resets the connection without a word: exit code 4.`,
  },
  {
    title: 'Which ports answer',
    text: `-z connects and leaves without a byte. Ports are numbers, service names, lists and ranges: 20-25,80 http. Under TLS, and over WebSocket and Socket.IO, a port answers when the handshake is over, which shows --token where one is asked for. With -v each address gets a line, in the order of the ports and in the words of nc. The exit code is 0 when any port answered.`,
  },
  {
    title: 'Coming from another netcat',
    text: `-N is what happens anyway. -q caps the wait for the peer once all is sent, as in traditional netcat and ncat; nc of OpenBSD and Debian counts it from the end of the peer. -w is about connecting only; where nc also ends after so much silence, say --idle. -d, -C, -n, -p, -s, -U, -v, -z, -4 and -6 mean what they mean there. For -l see sockctl-serve(1). -u ends a second after stdin has, where nc waits for ever; one that answers nothing, as a log does, needs --send-only. -i means different things in different netcats and is refused.`,
  },
  {
    title: 'Exit codes',
    text: `0 when it was over as asked: the peer ended in good order, or a stop rule was fulfilled. 1 when what was expected did not come. 3 when the host is unknown. 4 when the connection was refused or reset, or ended before all that was asked for had come: a reset is never 0, nor is an end of TLS without close_notify, and what came before it is on stdout. 5 when -w, --timeout or -q was up first, or when looking for what was expected took too long. 6 when there was no TLS with the peer, or none that can be trusted. 130 after Ctrl-C.`,
  },
]
