/** A counter's name, as nstat(8) writes it, and its value. */
export type NamedValue = readonly [name: string, value: bigint]

/**
 * Reads /proc/net/netstat or snmp: pairs of lines, `Tcp: names` and `Tcp: values`. Kernels differ in
 * which names there are, so nothing is read by position alone. What does not fit is left out.
 *
 * Source: snmp_seq_show() and netstat_seq_show() in net/ipv4/proc.c.
 */
export function parsePairs(text: string): NamedValue[] {
  const lines = text.split('\n')
  return lines.flatMap((line, at) => {
    const [prefix = '', ...names] = words(line)
    const [samePrefix, ...values] = words(lines[at + 1] ?? '')
    // A line of values is followed by the names of another prefix, or by nothing.
    if (samePrefix !== prefix || !prefix.endsWith(':')) return []
    return names.flatMap((name, i) => named(prefix.slice(0, -1) + name, values[i]))
  })
}

/** Reads /proc/net/snmp6: `Ip6InReceives 128`, a counter to a line. */
export function parseLines(text: string): NamedValue[] {
  return text.split('\n').flatMap(line => {
    const [name = '', value] = words(line)
    return named(name, value)
  })
}

/**
 * Reads /proc/net/sockstat or sockstat6: `TCP: inuse 1 orphan 0`. nstat(8) does not know them; they
 * are named in its manner: `SockstatTCPInuse`.
 *
 * Source: sockstat_seq_show() in net/ipv4/proc.c.
 */
export function parseSockstat(text: string): NamedValue[] {
  return text.split('\n').flatMap(line => {
    const [, prefix, rest = ''] = /^(\w+): (.*)$/.exec(line) ?? []
    if (prefix === undefined) return []
    const parts = words(rest)
    return parts.flatMap((part, i) =>
      i % 2 === 0 ? named(`Sockstat${capital(prefix)}${capital(part)}`, parts[i + 1]) : [],
    )
  })
}

/** The columns of /proc/net/softnet_stat that tell something of the whole machine. */
const SOFTNET_COLUMNS = ['SoftnetProcessed', 'SoftnetDropped', 'SoftnetTimeSqueeze']

/**
 * Reads /proc/net/softnet_stat, a line of hexadecimal numbers for each processor, and adds them up.
 *
 * Source: softnet_seq_show() in net/core/net-procfs.c.
 */
export function parseSoftnet(text: string): NamedValue[] {
  const rows = text.split('\n').map(words)
  const processors = rows.filter(row => SOFTNET_COLUMNS.every((_, i) => isHex(row[i])))
  if (processors.length === 0) return []
  return SOFTNET_COLUMNS.map((name, i) => [
    name,
    processors.reduce((sum, row) => sum + BigInt(`0x${row[i]}`), 0n),
  ])
}

/** Reads a file that is only numbers, such as /proc/sys/fs/file-nr, and names them in order. */
export function parseNumbers(text: string, names: readonly string[]): NamedValue[] {
  const values = words(text)
  return names.flatMap((name, i) => named(name, values[i]))
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(word => word !== '')
}

function named(name: string, value: string | undefined): NamedValue[] {
  return /^\w+$/.test(name) && /^-?\d{1,20}$/.test(value ?? '') ? [[name, BigInt(value ?? 0)]] : []
}

/** A processor's counter has 32 bits; some kernels have columns of 64. */
function isHex(word: string | undefined): boolean {
  return /^[\da-f]{1,16}$/.test(word ?? '')
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
