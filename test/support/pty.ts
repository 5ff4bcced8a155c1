/**
 * What a command has to be run by to find itself on a terminal: what is written to its stdin is
 * typed (`\x04` is Ctrl-D, `\x03` Ctrl-C), and what the terminal shows comes on its stdout. Python's
 * pty(3) is the one way that is on most machines; Node has none.
 */
export const ON_A_TERMINAL = ['python3', '-c', script()] as const

/** Ends with the command, though its own stdin may still be open. */
function script(): string {
  return `
import os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
sources = [terminal, 0]
while True:
    readable, _, _ = select.select(sources, [], [])
    if 0 in readable:
        typed = os.read(0, 65536)
        if typed: os.write(terminal, typed)
        else: sources.remove(0)
    if terminal in readable:
        try: shown = os.read(terminal, 65536)
        except OSError: break
        if not shown: break
        os.write(1, shown)
status = os.waitpid(pid, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`
}
