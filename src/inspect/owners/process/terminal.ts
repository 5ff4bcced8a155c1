/**
 * Names a terminal by its number, as in the field tty_nr of /proc/PID/stat: `pts/3`, `tty1`.
 * Undefined: the process has none.
 *
 * Source: proc_pid_stat(5): the minor device number is in bits 31 to 20 and 7 to 0, the major one in
 * bits 15 to 8; Documentation/admin-guide/devices.txt.
 */
export function terminalName(number: number): string | undefined {
  if (number === 0) return undefined
  const major = (number >> 8) & 0xfff
  const minor = (number & 0xff) | ((number >>> 20) << 8)
  if (major >= FIRST_PTS && major <= LAST_PTS) return `pts/${(major - FIRST_PTS) * 256 + minor}`
  if (major === VIRTUAL) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`
  return NAMES[major] === undefined ? `${major}:${minor}` : `${NAMES[major]}${minor}`
}

const FIRST_PTS = 136
const LAST_PTS = 143
const VIRTUAL = 4
const NAMES: Readonly<Record<number, string>> = {
  188: 'ttyUSB',
  166: 'ttyACM',
  204: 'ttyAMA',
  229: 'hvc',
}
