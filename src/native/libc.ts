/**
 * The few functions of the C library that Node has no name for, called through koffi. They work on
 * the calling thread and at once; a call that fails gives -1, and errno() says why until the next.
 */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number
  setsockopt(fd: number, level: number, option: number, value: Uint8Array): number
  bind(fd: number, address: Uint8Array): number
  listen(fd: number, backlog: number): number
  connect(fd: number, address: Uint8Array): number
  sendto(fd: number, data: Uint8Array, flags: number, address: Uint8Array): number
  /** Fills `into` from its start. */
  recv(fd: number, into: Uint8Array, flags: number): number
  close(fd: number): number
  /** Fills `into` with what a link within an open folder points to, cut to what fits. */
  readlinkat(folder: number, name: string, into: Uint8Array): number
  /** Compares what two threads have: 0 when it is one thing, as in kcmp(2). */
  kcmp(thread: number, other: number, type: number): number
  /** A descriptor that stands for a process, not for whoever has its number later: pidfd_open(2). */
  pidfd_open(pid: number): number
  /** Sends a signal, by number, to the process that the descriptor stands for. */
  pidfd_send_signal(pidfd: number, signal: number): number
  /** Moves the calling thread into the namespace of this descriptor: setns(2). */
  setns(fd: number, type: number): number
  /** The number of an interface by its name; 0 when there is none (if_nametoindex(3)). */
  if_nametoindex(name: string): number
  /** The number of the last failure: errno(3). */
  errno(): number
}

/** The C library; or why it cannot be called. */
export type LibcLoad = { readonly libc: Libc } | { readonly missing: string }

/**
 * Loads koffi and binds what is needed (about 6 ms, so only when it is needed). koffi is an optional
 * package with native code: it may not be installed, or not fit this machine.
 */
export async function loadLibc(): Promise<LibcLoad> {
  try {
    const { default: koffi } = await import('koffi')
    return { libc: bindLibc(koffi) }
  } catch (error) {
    return { missing: reasonOf(error) }
  }
}

/** The package, once it is loaded. */
export type Koffi = typeof import('koffi')['default']

function bindLibc(koffi: Koffi): Libc {
  // The symbols that this process has already: the same for glibc and musl, and no file to guess.
  const library = koffi.load(null)
  const socket = library.func('int socket(int, int, int)')
  const setsockopt = library.func('int setsockopt(int, int, int, const void *, uint)')
  const bind = library.func('int bind(int, const void *, uint)')
  const listen = library.func('int listen(int, int)')
  const connect = library.func('int connect(int, const void *, uint)')
  const sendto = library.func('long sendto(int, const void *, size_t, int, const void *, uint)')
  // Not `_Out_`: koffi then hands over a plain pointer into the array, and copies nothing.
  const recv = library.func('long recv(int, void *, size_t, int)')
  const close = library.func('int close(int)')
  const syscall = library.func('long syscall(long, long, long, long, long, long)')
  const readlinkat = library.func('long readlinkat(int, const char *, void *, size_t)')
  let setns: ReturnType<typeof library.func> | undefined
  const ifNameToIndex = library.func('uint if_nametoindex(const char *)')
  return {
    socket: (domain, type, protocol) => socket(domain, type, protocol),
    setsockopt: (fd, level, option, value) => setsockopt(fd, level, option, value, value.length),
    bind: (fd, address) => bind(fd, address, address.length),
    listen: (fd, backlog) => listen(fd, backlog),
    connect: (fd, address) => connect(fd, address, address.length),
    sendto: (fd, data, flags, address) =>
      sendto(fd, data, data.length, flags, address, address.length),
    recv: (fd, into, flags) => recv(fd, into, into.length, flags),
    close: fd => close(fd),
    readlinkat: (folder, name, into) => readlinkat(folder, name, into, into.length),
    kcmp(thread, other, type) {
      const number = KCMP[process.arch]
      return number === undefined ? -1 : syscall(number, thread, other, type, 0, 0)
    },
    pidfd_open: pid => (HAS_UNIFIED_NUMBERS ? syscall(PIDFD_OPEN, pid, 0, 0, 0, 0) : -1),
    pidfd_send_signal: (pidfd, signal) =>
      HAS_UNIFIED_NUMBERS ? syscall(PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0, 0) : -1,
    setns(fd, type) {
      // Only Linux has it, and it is rarely needed.
      setns ??= library.func('int setns(int, int)')
      return setns(fd, type)
    },
    if_nametoindex: name => ifNameToIndex(name),
    errno: () => koffi.errno(),
  }
}

/** The number of the system call, which has no name in the C library: asm/unistd.h. */
const KCMP: Readonly<Partial<Record<NodeJS.Architecture, number>>> = {
  x64: 312,
  arm64: 272,
  riscv64: 272,
  loong64: 272,
}

/** From 424 on system calls have the same number everywhere, but for an offset on MIPS. */
const PIDFD_SEND_SIGNAL = 424
const PIDFD_OPEN = 434
const HAS_UNIFIED_NUMBERS = process.platform === 'linux' && !process.arch.startsWith('mips')

/** Why koffi cannot be used, in one line: Node's own message goes on with the files that asked. */
export function reasonOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return /cannot find (module|package) 'koffi'/i.test(line) ? 'koffi is not installed' : line
}
