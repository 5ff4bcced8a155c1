import { parseCount } from '../../units.ts'
import type { Note, OptionDefinition } from './types.ts'

/** How every command that listens tells scripts so; `Announcement` does it. */
export const ANNOUNCEMENT_OPTIONS: readonly OptionDefinition[] = [
  { flags: '--port-file <file>', text: 'Write the port there as soon as it listens' },
  { flags: '--ready-fd <n>', text: 'Write the port to this descriptor', parse: parseCount },
]

/** What a script has to know of it. */
export const ANNOUNCEMENT_NOTE: Note = {
  title: 'Telling a script that it listens',
  text: `--port-file gets a line per port (or path of a unix socket) as soon as connections are accepted. The file appears whole, replaces what an earlier run has left, and is removed at the end unless another has taken its place. A run that cannot listen does not touch it: it may be that of a server which already does. A file that a killed run has left could be read before it is replaced, so a script that waits for the file removes it first:

  rm -f port
  sockctl serve --port-file port &
  until [ -s port ]; do sleep 0.1; done

--ready-fd writes the same lines to a descriptor that is open already, and closes it after (not 1 and 2).`,
}
