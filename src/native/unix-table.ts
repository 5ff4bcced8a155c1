/** One socket of /proc/net/unix, its numbers as the kernel has them. */
export interface UnixTableEntry {
  /** 0x10000: it listens (__SO_ACCEPTCON in linux/net.h). */
  readonly flags: number
  /** 1 stream, 2 datagram, 5 seqpacket. */
  readonly type: number
  /**
   * Not one of tcp_states.h: 3 (SS_CONNECTED) and 1 (SS_UNCONNECTED) stand for a socket with a file, 2
   * and 4 for the same states of one that no process has accepted yet.
   */
  readonly state: number
  readonly inode: number
  /** As it was bound, perhaps relative; empty without a name; every NUL of an abstract one is `@`. */
  readonly path: string
}

/**
 * Reads the text of /proc/net/unix. The kernel writes paths as they are, so a path with a line break
 * goes on in the next line; one that contains a whole line of this form cannot be told from two
 * sockets.
 *
 * Source: unix_seq_show() in net/unix/af_unix.c.
 */
export function* unixTableEntries(text: string): Generator<UnixTableEntry> {
  let pending: string | undefined
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (ENTRY.test(line)) {
      yield* read(pending)
      pending = line
    } else if (pending !== undefined) {
      pending += `\n${line}`
    }
  }
  yield* read(pending)
}

/** `Num: RefCount Protocol Flags Type St Inode Path`, hex but for the inode. */
const ENTRY =
  /^[^\s:]+: [\dA-F]{8} [\dA-F]{8} ([\dA-F]{8}) ([\dA-F]{4}) ([\dA-F]{2}) +(\d+)(?: (.*))?$/s

function* read(entry: string | undefined): Generator<UnixTableEntry> {
  const found = entry === undefined ? null : ENTRY.exec(entry)
  if (found === null) return
  const [, flags = '', type = '', state = '', inode = '', path = ''] = found
  yield {
    flags: Number.parseInt(flags, 16),
    type: Number.parseInt(type, 16),
    state: Number.parseInt(state, 16),
    inode: Number(inode),
    path,
  }
}
